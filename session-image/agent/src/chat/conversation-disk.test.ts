import { mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChatEvent, JournalEntry } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConversationLog } from "./conversation-log.ts";
import { Journal } from "./journal.ts";

const id = "33333333-3333-4333-8333-333333333333";
const turnId = "44444444-4444-4444-8444-444444444444";
let directory: string;
let journal: Journal;
let room: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "log-"));
  room = Number.MAX_SAFE_INTEGER;
  const write = (fd: number, bytes: Uint8Array, position: number) => {
    if (bytes.length > room) throw Object.assign(new Error("full"), { code: "ENOSPC" });
    room -= bytes.length;
    return writeSync(fd, bytes, 0, bytes.length, position);
  };
  journal = new Journal(join(directory, `${id}.jsonl`), id, 1, { write });
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

const said = (text: string): ChatEvent => ({ kind: "sdk", turnId, message: { type: "note", text } });

describe("last words on a full disk", () => {
  it("are written as soon as there is room, before anything else", () => {
    const heard: JournalEntry[] = [];
    const log = new ConversationLog(journal, directory, (entry) => heard.push(entry));
    log.append(said("a"));
    room = 0;
    expect(() => log.append(said("b"))).toThrow("full");
    log.appendLastWords(said("the turn failed"));
    expect(heard).toHaveLength(1);
    room = Number.MAX_SAFE_INTEGER;
    log.append(said("c"));
    const lines = readFileSync(join(directory, `${id}.jsonl`), "utf8")
      .trim()
      .split("\n");
    const entries = lines.map((line) => JournalEntry.parse(JSON.parse(line)));
    expect(entries).toEqual(heard);
    expect(entries.map(({ event }) => event.kind === "sdk" && event.message.text)).toEqual([
      "a",
      "the turn failed",
      "c",
    ]);
  });
});
