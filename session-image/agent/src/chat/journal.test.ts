import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChatEvent, JournalEntry } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cutMarker, maxEntryBytes } from "./entry-size.ts";
import { Journal, type JournalOptions } from "./journal.ts";

const id = "33333333-3333-4333-8333-333333333333";
let directory: string;
let path: string;
const opened: Journal[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "journal-"));
  path = join(directory, `${id}.jsonl`);
});
afterEach(() => {
  for (const journal of opened.splice(0)) journal.close();
  rmSync(directory, { recursive: true });
});

function open(options?: JournalOptions): Journal {
  const journal = new Journal(path, id, 1, options);
  opened.push(journal);
  return journal;
}

const said = (text: string): ChatEvent => ({ kind: "sdk", turnId: null, message: { type: "note", text } });
const texts = (journal: Journal, after = 0) =>
  journal
    .read(after, 10_000, Number.MAX_SAFE_INTEGER)
    .map(({ event }) => event.kind === "sdk" && event.message.text);

describe("a journal", () => {
  it("numbers entries from 1 without gaps, and gives back what it was given", () => {
    const journal = open();
    const written = ["a", "ü€\u{1f600}", "line\nbreak"].map((text) => journal.append(said(text)));
    expect(written.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(journal.read(0, 10)).toEqual(written);
    expect(journal.read(2, 10)).toEqual(written.slice(2));
    expect(journal.read(0, 1)).toEqual(written.slice(0, 1));
    expect(journal.read(3, 10)).toEqual([]);
    for (const entry of written) expect(JournalEntry.parse(entry)).toEqual(entry);
  });

  it("goes on where it was after it is opened again", () => {
    const first = open();
    for (const text of ["a", "b"]) first.append(said(text));
    const seen: number[] = [];
    const second = open({ onLoaded: ({ seq }) => seen.push(seq) });
    expect(seen).toEqual([1, 2]);
    expect(second.append(said("c")).seq).toBe(3);
    expect(texts(second)).toEqual(["a", "b", "c"]);
  });

  it("loses only the torn last line, wherever it was torn", () => {
    const journal = open();
    for (const text of ["a", "b", "c"]) journal.append(said(text));
    const whole = readFileSync(path);
    const lastStart = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let length = lastStart; length < whole.length; length += 1) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      const repaired = open();
      expect(repaired.lastSeq).toBe(2);
      expect(statSync(path).size).toBe(lastStart);
      expect(repaired.append(said("d")).seq).toBe(3);
      expect(texts(repaired)).toEqual(["a", "b", "d"]);
    }
  });

  it("keeps the number of a line that was spoilt, and says so in its place", () => {
    const journal = open();
    journal.append(said("a"));
    appendFileSync(path, "not an entry\n");
    const again = open();
    again.append(said("c"));
    const entries = again.read(0, 10);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(entries[1]).toMatchObject({ event: { message: { subtype: "remote_claude_entry_damaged" } } });
  });

  it("loads lines longer than it reads at a time", () => {
    const long = "x".repeat(600_000);
    const journal = open();
    for (const text of [long, "b", long, long, "e"]) journal.append(said(text));
    expect(texts(open())).toEqual([long, "b", long, long, "e"]);
  });
});

describe("an acknowledged front", () => {
  it("leaves the file, while numbers and content of the rest stay", () => {
    const journal = open({ compactBytes: 1 });
    for (let count = 1; count <= 10; count += 1) journal.append(said(`${count}`));
    const before = statSync(path).size;
    journal.acknowledge(7, Number.MAX_SAFE_INTEGER);
    expect(statSync(path).size).toBeLessThan(before / 2);
    expect(journal.firstSeq).toBe(8);
    expect(texts(journal)).toEqual(["8", "9", "10"]);
    expect(texts(journal, 9)).toEqual(["10"]);
    expect(journal.append(said("11")).seq).toBe(11);
    expect(texts(open())).toEqual(["8", "9", "10", "11"]);
  });

  it("keeps the last entry and what is still needed", () => {
    const journal = open({ compactBytes: 1 });
    for (let count = 1; count <= 5; count += 1) journal.append(said(`${count}`));
    journal.acknowledge(5, 3);
    expect(journal.firstSeq).toBe(3);
    journal.acknowledge(5, Number.MAX_SAFE_INTEGER);
    expect(journal.firstSeq).toBe(5);
    expect(open().append(said("6")).seq).toBe(6);
  });

  it("stays while a rewrite is not worth it, or has no room", () => {
    const lazy = open();
    for (let count = 1; count <= 5; count += 1) lazy.append(said(`${count}`));
    lazy.acknowledge(4, Number.MAX_SAFE_INTEGER);
    expect(lazy.firstSeq).toBe(1);
    const full = open({
      compactBytes: 1,
      write: () => {
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      },
    });
    full.acknowledge(4, Number.MAX_SAFE_INTEGER);
    expect(texts(full)).toEqual(["1", "2", "3", "4", "5"]);
  });
});

describe("a full disk", () => {
  it("refuses the entry, keeps everything before it, and takes the next when there is room", () => {
    let room = 300;
    const write = (fd: number, bytes: Uint8Array, position: number) => {
      const length = Math.min(room, bytes.length);
      if (length === 0) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      room -= length;
      return writeSync(fd, bytes, 0, length, position);
    };
    const journal = open({ write });
    journal.append(said("a"));
    const size = statSync(path).size;
    expect(() => journal.append(said("b".repeat(400)))).toThrow("full");
    expect(statSync(path).size).toBe(size);
    room = 10_000;
    expect(journal.append(said("c")).seq).toBe(2);
    expect(texts(open())).toEqual(["a", "c"]);
  });
});

describe("an entry that is too large", () => {
  it("has its long strings cut, and says where and how long they were", () => {
    const journal = open();
    const message = { type: "user", content: [{ text: "short" }, { text: "€".repeat(2_000_000) }] };
    const entry = journal.append({ kind: "sdk", turnId: null, message });
    expect(Buffer.byteLength(JSON.stringify(entry))).toBeLessThanOrEqual(maxEntryBytes);
    expect(entry.event).toMatchObject({
      message: {
        content: [{ text: "short" }, {}],
        [cutMarker]: [{ path: "/content/1/text", length: 2_000_000 }],
      },
    });
    expect(journal.read(0, 1)).toEqual([entry]);
  });

  it("made of many strings fits as well", () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `${index} ${"y".repeat(1000)}`);
    const entry = open().append({ kind: "sdk", turnId: null, message: { type: "user", lines } });
    expect(Buffer.byteLength(JSON.stringify(entry))).toBeLessThanOrEqual(maxEntryBytes);
  });
});
