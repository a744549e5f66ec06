import { createWriteStream, openSync, renameSync, statSync, type WriteStream } from "node:fs";

const defaults = { maxBytes: 10 * 1024 * 1024, kept: 3 };

/** A service's log: lines are appended; a full file becomes `.1`, and what was `.3` goes. */
export class LogFile {
  readonly path: string;
  readonly #limits: typeof defaults;
  #stream: WriteStream;
  #bytes: number;

  constructor(path: string, limits: Partial<typeof defaults> = {}) {
    this.path = path;
    this.#limits = { ...defaults, ...limits };
    this.#bytes = sizeOf(path);
    this.#stream = this.#open();
  }

  writeLine(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limits.maxBytes) this.#rotate();
    this.#bytes += bytes;
    this.#stream.write(`${line}\n`);
  }

  /** Resolves when everything is written. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.once("close", () => resolve());
      this.#stream.end();
    });
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.path, { fd: openSync(this.path, "a", 0o600) });
    // A full disk must not end the product: lines are lost, the services go on.
    stream.on("error", () => undefined);
    return stream;
  }

  /** What is still unwritten goes to the old file: its stream keeps it open under the new name. */
  #rotate(): void {
    this.#stream.end();
    for (let number = this.#limits.kept; number >= 1; number -= 1) {
      const from = number === 1 ? this.path : `${this.path}.${number - 1}`;
      try {
        renameSync(from, `${this.path}.${number}`);
      } catch {
        // Not there yet.
      }
    }
    this.#bytes = 0;
    this.#stream = this.#open();
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
