/** A set of callbacks that may take themselves back while they are being called. */
export class Listeners<Arguments extends unknown[] = []> {
  readonly #listeners = new Set<(...values: Arguments) => void>();

  add(listener: (...values: Arguments) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call(...values: Arguments): void {
    for (const listener of [...this.#listeners]) listener(...values);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
