/** As many as the kernel's threads of Node can be busy with, and some that wait for them. */
const maxAtOnce = 32;

/**
 * Looks at names that something happened to: at each once, however often it happens meanwhile, and then once more. A
 * program that renames in a loop makes no more work and memory than there are names.
 */
export class LookQueue {
  readonly #look: (directory: string, name: string) => Promise<void>;
  readonly #waiting = new Map<string, readonly [directory: string, name: string]>();
  /** Whether something happened since the look began. */
  readonly #running = new Map<string, boolean>();

  constructor(look: (directory: string, name: string) => Promise<void>) {
    this.#look = look;
  }

  add(directory: string, name: string): void {
    const key = `${directory}/${name}`;
    if (this.#running.has(key)) this.#running.set(key, true);
    else this.#waiting.set(key, [directory, name]);
    this.#begin();
  }

  /** Forgets what nobody has looked at yet. */
  clear(): void {
    this.#waiting.clear();
  }

  #begin(): void {
    for (const [key, entry] of this.#waiting) {
      if (this.#running.size >= maxAtOnce) return;
      this.#waiting.delete(key);
      this.#running.set(key, false);
      this.#look(...entry)
        .catch(() => undefined)
        .finally(() => {
          if (this.#running.get(key) === true) this.#waiting.set(key, entry);
          this.#running.delete(key);
          this.#begin();
        });
    }
  }
}
