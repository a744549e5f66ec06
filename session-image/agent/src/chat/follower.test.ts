import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChatDelta, JournalEntry } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connection } from "../context.ts";
import { Follower } from "./follower.ts";
import { Journal } from "./journal.ts";

const id = "33333333-3333-4333-8333-333333333333";
const turnId = "44444444-4444-4444-8444-444444444444";
let directory: string;
let journal: Journal;
let connection: SlowConnection;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "follower-"));
  journal = new Journal(join(directory, `${id}.jsonl`), id, 1);
  connection = new SlowConnection();
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

/** A connection whose peer reads only when it is told to. */
class SlowConnection implements Connection {
  readonly id = "c";
  readonly open = true;
  bufferedBytes = 0;
  readonly entries: JournalEntry[] = [];
  readonly deltas: ChatDelta[] = [];
  #drain: () => void = () => {};

  send(type: string, payload: unknown): void {
    if (type === "chat.entry") this.entries.push(payload as JournalEntry);
    if (type === "chat.delta") this.deltas.push(payload as ChatDelta);
    this.bufferedBytes += JSON.stringify(payload).length;
  }
  onDrain(listener: () => void): () => void {
    this.#drain = listener;
    return () => {};
  }
  onClientGone = () => () => {};
  onClose = () => () => {};
  drain(): void {
    this.bufferedBytes = 0;
    this.#drain();
  }
}

function append(follower: Follower, text: string): void {
  follower.entry(journal.append({ kind: "sdk", turnId, message: { type: "note", text } }));
}
const delta = (offset: number, text: string, messageId = "m"): ChatDelta => ({
  conversationId: id,
  turnId,
  messageId,
  parentToolUseId: null,
  block: 0,
  blockType: "text",
  toolName: null,
  offset,
  text,
});
const seqs = () => connection.entries.map(({ seq }) => seq);

describe("a follower", () => {
  it("holds a slow connection's memory bounded, and leaves nothing out and doubles nothing", async () => {
    const follower = new Follower(connection, () => [journal], {});
    const text = "x".repeat(100_000);
    for (let count = 0; count < 100; count += 1) append(follower, text);
    await new Promise((resolve) => setImmediate(resolve));
    expect(connection.bufferedBytes).toBeLessThan(2_000_000);
    expect(seqs().length).toBeLessThan(30);
    await vi.waitFor(() => {
      connection.drain();
      expect(seqs()).toHaveLength(100);
    });
    expect(seqs()).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it("joins the pieces of a block while the connection is backed up, and sends them once it drains", () => {
    const follower = new Follower(connection, () => [journal], {});
    follower.delta(delta(0, "a"));
    connection.bufferedBytes = 5_000_000;
    for (const [offset, text] of [
      [1, "b"],
      [2, "c"],
      [3, "d"],
    ] as const)
      follower.delta(delta(offset, text));
    expect(connection.deltas).toHaveLength(1);
    connection.drain();
    expect(connection.deltas.slice(1)).toEqual([delta(1, "bcd")]);
    follower.delta(delta(4, "e"));
    expect(connection.deltas.at(-1)).toEqual(delta(4, "e"));
  });

  it("drops joined pieces whose message was finished in the meantime", () => {
    const follower = new Follower(connection, () => [journal], {});
    connection.bufferedBytes = 5_000_000;
    follower.delta(delta(0, "a"));
    follower.delta(delta(0, "b", "other"));
    const message = { type: "assistant", message: { id: "m" } };
    follower.entry(journal.append({ kind: "sdk", turnId, message }));
    connection.drain();
    expect(seqs()).toEqual([1]);
    expect(connection.deltas).toEqual([delta(0, "b", "other")]);
  });

  it("begins after its cursor, or with the oldest entry that is kept", async () => {
    const other = new Follower(new SlowConnection(), () => [], {});
    for (const text of ["a", "b", "c", "d"]) append(other, text);
    const follower = new Follower(connection, () => [journal], { [id]: 2 });
    await vi.waitFor(() => expect(seqs()).toEqual([3, 4]));
    append(follower, "e");
    expect(seqs()).toEqual([3, 4, 5]);
    follower.end();
    other.end();
  });
});
