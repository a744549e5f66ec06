/** Named gates that scripts wait at; tests open them. A gate stays open until it is closed again. */
export class Gates {
  readonly #open = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  open(name: string): void {
    this.#open.add(name);
    for (const pass of this.#waiting.get(name) ?? []) pass();
    this.#waiting.delete(name);
  }

  close(name: string): void {
    this.#open.delete(name);
  }

  /** How many answers stand at the gate. */
  waiting(name: string): number {
    return this.#waiting.get(name)?.size ?? 0;
  }

  /** Passes when the gate is open; also (false) when the asker has gone. */
  pass(name: string, signal: AbortSignal): Promise<boolean> {
    if (this.#open.has(name)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const queue = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, queue);
      const pass = () => resolve(true);
      queue.add(pass);
      signal.addEventListener(
        "abort",
        () => {
          queue.delete(pass);
          resolve(false);
        },
        { once: true },
      );
    });
  }
}
