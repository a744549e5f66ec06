import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import type { ChatEvent, JournalEntry } from "@remote-claude/protocol";
import { fitEntry } from "./entry-size.ts";

/** Bytes read at a time when a journal is loaded. */
const blockBytes = 1024 * 1024;
/** Acknowledged bytes that are worth rewriting the file for. */
const defaultCompactBytes = 1024 * 1024;

export interface JournalOptions {
  readonly compactBytes?: number;
  /** Of tests: what writes, so that a disk can be full. */
  readonly write?: (fd: number, bytes: Uint8Array, position: number) => number;
  /** Called for each entry that was there when the journal was opened. */
  readonly onLoaded?: (entry: JournalEntry) => void;
}

/**
 * The record of one conversation: a file of JSON lines, each an entry, numbered from `firstSeq` without gaps. An
 * entry is on disk before `append` returns it, so before anyone is sent it (not fsynced: it survives the death of
 * this process, and a crash of the whole machine loses at most what nobody has acknowledged). Memory holds where
 * each line ends, not what it says. What was acknowledged is dropped from the front once that is worth a rewrite.
 */
export class Journal {
  readonly conversationId: string;
  readonly #path: string;
  readonly #compactBytes: number;
  readonly #write: (fd: number, bytes: Uint8Array, position: number) => number;
  #fd: number;
  /** Number of the entry on the first line. */
  #firstSeq: number;
  /** Where each line ends in the file. */
  #ends: number[] = [];
  #acknowledged: number;

  constructor(path: string, conversationId: string, firstSeq: number, options: JournalOptions = {}) {
    this.conversationId = conversationId;
    this.#path = path;
    this.#firstSeq = firstSeq;
    this.#compactBytes = options.compactBytes ?? defaultCompactBytes;
    this.#write = options.write ?? ((fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position));
    this.#fd = openSync(path, "a+", 0o600);
    closeSync(this.#fd);
    this.#fd = openSync(path, "r+");
    this.#load(options.onLoaded);
    this.#acknowledged = this.#firstSeq - 1;
  }

  /** Of the newest entry; 0 when there never was one. */
  get lastSeq(): number {
    return this.#firstSeq + this.#ends.length - 1;
  }

  /** Of the oldest entry that is kept. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Writes an event. Throws, and leaves the journal as it was, when the disk takes no more. */
  append(event: ChatEvent): JournalEntry {
    const { entry, line } = fitEntry({
      conversationId: this.conversationId,
      seq: this.lastSeq + 1,
      at: new Date().toISOString(),
      event,
    });
    const bytes = Buffer.from(`${line}\n`);
    const start = this.#ends.at(-1) ?? 0;
    try {
      let written = 0;
      while (written < bytes.length) {
        const count = this.#write(this.#fd, bytes.subarray(written), start + written);
        if (count <= 0) throw new Error("the disk took nothing");
        written += count;
      }
    } catch (error) {
      ftruncateSync(this.#fd, start);
      throw error;
    }
    this.#ends.push(start + bytes.length);
    return entry;
  }

  /** Entries after `after`, oldest first: at most `maxEntries`, and no more once they exceed `maxBytes`. */
  read(after: number, maxEntries: number, maxBytes = 1024 * 1024): JournalEntry[] {
    const from = Math.max(after + 1, this.#firstSeq) - this.#firstSeq;
    const start = from === 0 ? 0 : this.#ends[from - 1];
    if (start === undefined) return [];
    let to = from;
    while (to < this.#ends.length && to - from < maxEntries) {
      to += 1;
      if ((this.#ends[to - 1] ?? 0) - start > maxBytes) break;
    }
    const bytes = Buffer.alloc((this.#ends[to - 1] ?? start) - start);
    readFully(this.#fd, bytes, start);
    const entries: JournalEntry[] = [];
    for (let index = from; index < to; index += 1) {
      const lineStart = (index === 0 ? 0 : (this.#ends[index - 1] ?? 0)) - start;
      const line = bytes.toString("utf8", lineStart, (this.#ends[index] ?? 0) - start - 1);
      entries.push(this.#parse(line, this.#firstSeq + index));
    }
    return entries;
  }

  /** Entries up to `seq` are stored elsewhere. Those up to `keepFrom` − 1 among them may go from the file. */
  acknowledge(seq: number, keepFrom: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(seq, this.lastSeq));
    // The last line stays: it carries the number to go on from.
    const droppable = Math.min(this.#acknowledged, keepFrom - 1, this.lastSeq - 1) - this.#firstSeq + 1;
    if (droppable <= 0) return;
    const bytes = this.#ends[droppable - 1] ?? 0;
    if (bytes >= this.#compactBytes) this.#dropFront(droppable, bytes);
  }

  /** Whatever this journal holds is older than `seq`, which is known elsewhere: goes on after it. */
  skipTo(seq: number): void {
    if (seq <= this.lastSeq) return;
    ftruncateSync(this.#fd, 0);
    this.#ends = [];
    this.#firstSeq = seq + 1;
    this.#acknowledged = seq;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Copies what stays to a new file and puts that in place of the old one. */
  #dropFront(lines: number, bytes: number): void {
    const temporary = `${this.#path}.new`;
    const target = openSync(temporary, "w+", 0o600);
    try {
      const end = this.#ends.at(-1) ?? 0;
      const block = Buffer.alloc(Math.min(blockBytes, end - bytes));
      for (let position = bytes; position < end; position += block.length) {
        const part = block.subarray(0, Math.min(block.length, end - position));
        readFully(this.#fd, part, position);
        let written = 0;
        while (written < part.length) {
          written += this.#write(target, part.subarray(written), position - bytes + written);
        }
      }
      renameSync(temporary, this.#path);
    } catch {
      // No room for the copy: the file stays as it is, and the next acknowledgement tries again.
      closeSync(target);
      return;
    }
    closeSync(this.#fd);
    this.#fd = target;
    this.#ends = this.#ends.slice(lines).map((end) => end - bytes);
    this.#firstSeq += lines;
  }

  /** Finds the lines, takes the first number from the first line, and cuts off a line that was torn. */
  #load(onLoaded: ((entry: JournalEntry) => void) | undefined): void {
    const size = fstatSync(this.#fd).size;
    const block = Buffer.alloc(Math.min(blockBytes, size));
    let carried: Buffer[] = [];
    for (let position = 0; position < size; ) {
      const length = Math.min(block.length, size - position);
      readFully(this.#fd, block.subarray(0, length), position);
      let lineStart = 0;
      for (let newline = block.indexOf(10); newline !== -1 && newline < length; ) {
        const line = Buffer.concat([...carried, block.subarray(lineStart, newline)]).toString("utf8");
        carried = [];
        lineStart = newline + 1;
        if (this.#ends.length === 0) this.#firstSeq = seqOf(line) ?? this.#firstSeq;
        this.#ends.push(position + lineStart);
        onLoaded?.(this.#parse(line, this.lastSeq));
        newline = block.indexOf(10, lineStart);
      }
      if (lineStart < length) carried.push(Buffer.from(block.subarray(lineStart, length)));
      position += length;
    }
    ftruncateSync(this.#fd, this.#ends.at(-1) ?? 0);
  }

  /** A line that is no entry any more (someone in the session may have written here) keeps its number. */
  #parse(line: string, seq: number): JournalEntry {
    try {
      const entry = JSON.parse(line) as JournalEntry;
      if (entry.seq === seq && entry.conversationId === this.conversationId) return entry;
    } catch {
      // Falls through.
    }
    return {
      conversationId: this.conversationId,
      seq,
      at: new Date().toISOString(),
      event: {
        kind: "sdk",
        turnId: null,
        message: { type: "system", subtype: "remote_claude_entry_damaged" },
      },
    };
  }
}

function seqOf(line: string): number | undefined {
  const seq = Number(/"seq":(\d+)/.exec(line)?.[1]);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : undefined;
}

function readFully(fd: number, bytes: Buffer, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = readSync(fd, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error("the journal is shorter than it was");
    done += count;
  }
}
