import { createHash } from "node:crypto";
import { Header } from "tar";

const block = 512;

/** Writes a tar file of one folder as its files come, and remembers what each was. */
export class TarFolder {
  readonly #name: string;
  readonly #at: Date;
  /** SHA-256 of every file so far, in hex. */
  readonly digests: Record<string, string> = {};

  constructor(name: string, at: Date) {
    this.#name = name;
    this.#at = at;
  }

  file(path: string, content: string): Buffer {
    const bytes = Buffer.from(content);
    this.digests[path] = createHash("sha256").update(bytes).digest("hex");
    const header = new Header({
      path: `${this.#name}/${path}`,
      type: "File",
      mode: 0o644,
      size: bytes.length,
      mtime: this.#at,
    });
    const head = Buffer.alloc(block);
    header.encode(head, 0);
    return Buffer.concat([head, bytes, Buffer.alloc((block - (bytes.length % block)) % block)]);
  }

  end(): Buffer {
    return Buffer.alloc(2 * block);
  }
}

/** A file of tar says its length first: what has no end comes in parts, none of which is large in memory. */
const partChars = 4 * 1024 * 1024;

/** Lines that go into `<folder>/000001.jsonl` and so on. */
export class Parts {
  readonly #tar: TarFolder;
  readonly #folder: string;
  #lines: string[] = [];
  #chars = 0;
  #number = 0;

  constructor(tar: TarFolder, folder: string) {
    this.#tar = tar;
    this.#folder = folder;
  }

  /** The part that is full now, if one is. */
  add(line: string): Buffer[] {
    this.#lines.push(line);
    this.#chars += line.length + 1;
    return this.#chars < partChars ? [] : this.rest();
  }

  /** What is not written yet. */
  rest(): Buffer[] {
    if (this.#lines.length === 0) return [];
    this.#number += 1;
    const path = `${this.#folder}/${String(this.#number).padStart(6, "0")}.jsonl`;
    const content = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#chars = 0;
    return [this.#tar.file(path, content)];
  }
}
