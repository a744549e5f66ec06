import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiEnd, alice } from "./testing/api-end.ts";
import { SessionPlace } from "./testing/session-place.ts";

const place = new SessionPlace({ wholeAgent: true });
let api: ApiEnd;
let conversationId: string;
vi.setConfig({ testTimeout: 300_000 });
const patience = { timeout: 240_000, interval: 20 };
const at = (path: string) => join(place.workspace, path);

beforeAll(() => place.start());
afterAll(() => place.dispose());
beforeEach(async () => {
  api?.close();
  conversationId = randomUUID();
  api = await place.connect();
  api.only = conversationId;
  await api.send("chat.follow", { cursors: {} });
  return () => api.close();
});

const listed = async () =>
  (await api.send("changes.list", { base: { kind: "conversation", conversationId } })).files;
const readOf = (path: string) =>
  api.send("changes.read", { base: { kind: "conversation", conversationId }, path, from: null });

type Input = Record<string, unknown>;

/** Claude Code does what the scripted model asks for, one tool after the other; Alice answers its questions. */
async function turn(tools: readonly [string, Input][], decision: "allow" | "deny" = "allow"): Promise<void> {
  const ended = api.events("turn-ended").length;
  const asked = api.events("permission-asked").length;
  const steps = tools.map(([name, input]) => ({ content: [{ type: "tool_use", name, input }] }));
  place.model.director.define(`changes-${ended}`, { steps });
  await api.prompt(conversationId, `[[script:changes-${ended}]]`);
  const answered = new Set<string>();
  await vi.waitFor(async () => {
    for (const { requestId } of api.events("permission-asked").slice(asked)) {
      if (answered.has(requestId)) continue;
      answered.add(requestId);
      await api.send("chat.answer", { conversationId, requestId, decision }, alice);
    }
    expect(api.events("turn-ended")).toHaveLength(ended + 1);
  }, patience);
}

const edit = (path: string, old_string: string, new_string: string): [string, Input][] => [
  ["Read", { file_path: at(path) }],
  ["Edit", { file_path: at(path), old_string, new_string }],
];
const create = (path: string, content: string): [string, Input][] => [
  ["Write", { file_path: at(path), content }],
];

describe("what Claude changed in a conversation", () => {
  it("is compared with the very bytes from before its first edit, over turns and a restart", async () => {
    const before = "one\r\ntwo\r\nthree";
    writeFileSync(at("crlf.txt"), before);
    await turn([...edit("crlf.txt", "two", "TWO"), ...create("dir/new.txt", "new\n")]);
    await turn(edit("crlf.txt", "three", "THREE"));
    expect(await listed()).toEqual([
      { path: "crlf.txt", from: null, status: "modified", added: 2, removed: 2 },
      { path: "dir/new.txt", from: null, status: "added", added: 1, removed: 0 },
    ]);
    await place.kill();
    await place.start();
    api = await place.connect();
    expect(await readOf("crlf.txt")).toMatchObject({
      original: { kind: "text", text: before },
      current: { kind: "text", text: readFileSync(at("crlf.txt"), "utf8") },
    });
    const { original, current } = await readOf("crlf.txt");
    if (!("etag" in original) || !("etag" in current)) throw new Error("no text");
    await api.send("changes.revert", {
      base: { kind: "conversation", conversationId },
      path: "crlf.txt",
      from: null,
      originalEtag: original.etag,
      currentEtag: current.etag,
      hunk: null,
    });
    expect(readFileSync(at("crlf.txt"), "utf8")).toBe(before);
    expect((await listed()).map(({ path }) => path)).toEqual(["dir/new.txt"]);
  });

  it("does not count what was denied, what others did, nor what lies elsewhere", async () => {
    writeFileSync(at("mine.txt"), "mine\n");
    await turn(edit("mine.txt", "mine", "Claude's"), "deny");
    writeFileSync(at("mine.txt"), "mine, changed by me\n");
    await turn([["Write", { file_path: join(place.home, "elsewhere.txt"), content: "x" }]]);
    expect(await listed()).toEqual([]);
  });

  it("tells of a file that is gone again, and of nothing where all is as it was", async () => {
    writeFileSync(at("gone.txt"), "a\nb\n");
    await turn([...edit("gone.txt", "a", "A"), ...create("brief.txt", "x\n")]);
    rmSync(at("gone.txt"));
    rmSync(at("brief.txt"));
    expect(await listed()).toEqual([
      { path: "gone.txt", from: null, status: "deleted", added: 0, removed: 2 },
    ]);
  });
});
