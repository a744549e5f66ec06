import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiEnd, alice } from "./testing/api-end.ts";
import { SessionPlace } from "./testing/session-place.ts";

const place = new SessionPlace();
let api: ApiEnd;
let conversationId: string;
vi.setConfig({ testTimeout: 300_000 });
const patience = { timeout: 120_000, interval: 10 };
const ended = (count: number) =>
  vi.waitFor(
    () => expect([...api.events("turn-ended"), ...api.events("turn-failed")]).toHaveLength(count),
    patience,
  );
const file = (name: string) => join(place.workspace, name);
const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : null);
/** What the model was last asked, as text. */
const lastRequest = () => JSON.stringify(place.model.messageRequests.at(-1)?.body);

/** A turn in which Claude writes a file. */
async function writes(name: string, content: string, words: string): Promise<string> {
  const input = { file_path: file(name), content };
  const script = {
    steps: [
      { content: [{ type: "tool_use", name: "Write", input }] },
      { content: [{ type: "text", text: `Wrote ${words}.` }] },
    ],
  };
  const id = randomUUID();
  place.model.director.define(id, script);
  const count = [...api.events("turn-ended"), ...api.events("turn-failed")].length;
  const messageId = await api.prompt(conversationId, `${words} [[script:${id}]]`);
  await ended(count + 1);
  return messageId;
}

async function open(id: string): Promise<void> {
  api?.close();
  conversationId = id;
  api = await place.connect();
  api.only = id;
  await api.send("chat.follow", { cursors: {} });
}

const preview = (messageId: string) => api.send("conversation.preview-rewind", { conversationId, messageId });
const rewind = (messageId: string, what: "both" | "conversation" | "files", overwrite: string[] = []) =>
  api.send("conversation.rewind", { conversationId, messageId, what, overwrite });

beforeAll(() => place.start());
afterAll(() => place.dispose());
beforeEach(async () => {
  await open(randomUUID());
  await api.send("chat.configure", { conversationId, permissionMode: "acceptEdits" });
});

describe("going back", () => {
  it("shows what would change, then takes talk and files back, and an agent that is killed forgets nothing of it", async () => {
    await writes("a.txt", "one\n", "quince");
    const second = await writes("b.txt", "new\n", "medlar");
    await writes("b.txt", "newer\nline\n", "sloe");
    expect(await preview(second)).toEqual({
      files: [{ path: "b.txt", changedSince: false, fate: "deleted" }],
      insertions: 0,
      deletions: 2,
      filesRefused: null,
      conversationRefused: null,
      backgroundTasks: 0,
    });
    expect(read("b.txt")).toBe("newer\nline\n");
    expect(await rewind(second, "both")).toEqual({ files: ["b.txt"], skipped: 0 });
    expect([read("a.txt"), read("b.txt")]).toEqual(["one\n", null]);
    const rewound = { messageId: second, what: "both", files: ["b.txt"], fileCount: 1, by: alice };
    expect(api.events("rewound")).toMatchObject([rewound]);

    const said = api.entries.length;
    await place.kill();
    await place.start();
    await open(conversationId);
    await vi.waitFor(() => expect(api.entries).toHaveLength(said), patience);
    await api.prompt(conversationId, "[[script:hello]] after");
    await ended(4);
    expect(lastRequest()).toContain("quince");
    expect(lastRequest()).not.toContain("medlar");
    expect(lastRequest()).not.toContain("sloe");
    // What went before the way back can still be gone back to; what lies beside it cannot.
    await expect(preview(second)).rejects.toMatchObject({ code: "not_found" });
    const first = api.events("user-message")[0]?.messageId ?? "";
    expect(await rewind(first, "both")).toMatchObject({ files: ["a.txt"] });
    expect(read("a.txt")).toBeNull();
    await api.prompt(conversationId, "[[script:hello]] anew");
    await ended(5);
    expect(lastRequest()).not.toContain("quince");
    expect(api.events("turn-ended")).toHaveLength(5);
  });

  it("takes back the talk alone, or the files alone", async () => {
    const first = await writes("c.txt", "one\n", "damson");
    await rewind(first, "conversation");
    expect(read("c.txt")).toBe("one\n");
    const again = await writes("c.txt", "two\n", "bullace");
    expect(lastRequest()).not.toContain("damson");
    await rewind(again, "files");
    expect(read("c.txt")).toBe("one\n");
    await api.prompt(conversationId, "[[script:hello]] go on");
    await ended(3);
    expect(lastRequest()).toContain("bullace");
  });

  it("names what somebody else has changed since, and overwrites it only where that is said", async () => {
    const messageId = await writes("d.txt", "claude\n", "cherry");
    writeFileSync(file("d.txt"), "a person\n");
    expect((await preview(messageId)).files).toEqual([
      { path: "d.txt", changedSince: true, fate: "deleted" },
    ]);
    await expect(rewind(messageId, "both")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("d.txt"),
    });
    expect(read("d.txt")).toBe("a person\n");
    expect(api.events("rewound")).toEqual([]);
    await rewind(messageId, "both", ["d.txt"]);
    expect(read("d.txt")).toBeNull();
  });

  it("tells what it will write, what it will write anew and what it will delete, as it then does", async () => {
    for (const [name, text] of Object.entries({
      "kept.txt": "kept\n",
      "gone.txt": "gone\n",
      "empty.txt": "",
    }))
      writeFileSync(file(name), text);
    const first = await writes("kept.txt", "one\n", "fig");
    await writes("made.txt", "new\n", "date");
    const third = await writes("gone.txt", "edited\n", "lime");
    await writes("empty.txt", "edited\n", "plum");
    for (const name of ["gone.txt", "empty.txt"]) unlinkSync(file(name));
    writeFileSync(file("other.txt"), "by somebody\n");
    const fates = async (messageId: string) =>
      Object.fromEntries((await preview(messageId)).files.map(({ path, fate }) => [path, fate]));
    expect(await fates(third)).toEqual({ "gone.txt": "restored", "empty.txt": "restored" });
    const told = {
      ...{ "kept.txt": "changed", "made.txt": "deleted" },
      ...{ "gone.txt": "restored", "empty.txt": "restored" },
    };
    expect(await fates(first)).toEqual(told);
    // Also by a Claude Code that has just been started.
    await place.kill();
    await place.start();
    await open(conversationId);
    expect(await fates(first)).toEqual(told);
    const { files } = await rewind(first, "files", Object.keys(told));
    expect(files.toSorted()).toEqual(Object.keys(told).toSorted());
    const left = ["kept.txt", "made.txt", "gone.txt", "empty.txt", "other.txt"].map(read);
    expect(left).toEqual(["kept\n", null, "gone\n", "", "by somebody\n"]);
    expect(await fates(first)).toEqual({});
  });

  it("is refused while Claude is at work, and for what Claude Code does not know", async () => {
    const messageId = await writes("e.txt", "one\n", "pear");
    await api.prompt(conversationId, "[[script:gated]] go");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    await expect(rewind(messageId, "both")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("at work"),
    });
    place.model.gates.open("gate");
    await ended(2);
    place.model.gates.close("gate");
    expect(read("e.txt")).toBe("one\n");
    await expect(rewind(randomUUID(), "both")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a fork", () => {
  const branch = (forkId: string, before: string | null) =>
    api.send("conversation.branch", { conversationId, forkId, before, seq: api.entries.at(-1)?.seq ?? 0 });

  it("knows what was said before its point, goes on beside the other, and leaves that as it is", async () => {
    const source = conversationId;
    await writes("f.txt", "one\n", "walnut");
    const second = await writes("f.txt", "two\n", "hazel");
    const [forkId, whole] = [randomUUID(), randomUUID()];
    const { seq } = api.entries.at(-1) ?? { seq: 0 };
    await branch(forkId, second);
    await branch(whole, null);
    // Asked again, it is the same one.
    await branch(forkId, second);

    api.only = undefined;
    api.entries.length = 0;
    await api.send("chat.follow", { cursors: {} });
    const forked = () => api.entries.filter((entry) => entry.conversationId === forkId);
    await vi.waitFor(() => expect(forked()).toHaveLength(1), patience);
    expect(forked()).toMatchObject([
      { seq: seq + 1, event: { kind: "forked", fromConversationId: source, by: alice } },
    ]);
    // Both work at the same time.
    await api.prompt(source, "[[script:gated]] in the source");
    await api.prompt(forkId, "[[script:gated]] in the fork");
    await vi.waitFor(
      () => expect(new Set(api.deltas.map((delta) => delta.conversationId)).size).toBe(2),
      patience,
    );
    place.model.gates.open("gate");
    const done = (id: string) =>
      api.entries.filter((entry) => entry.conversationId === id && entry.event.kind === "turn-ended").length;
    await vi.waitFor(() => expect([done(source), done(forkId)]).toEqual([3, 1]), patience);
    place.model.gates.close("gate");
    const asked = place.model.messageRequests.map(({ body }) => JSON.stringify(body));
    const inFork = asked.findLast((body) => body.includes("in the fork"));
    expect(inFork).toContain("walnut");
    expect(inFork).not.toContain("hazel");
    expect(asked.findLast((body) => body.includes("in the source"))).toContain("hazel");
    await api.prompt(whole, "[[script:hello]] in the whole");
    await vi.waitFor(() => expect(done(whole)).toBe(1), patience);
    expect(lastRequest()).toContain("hazel");
    expect(lastRequest()).not.toContain("in the source");
    expect(read("f.txt")).toBe("two\n");
  });
});
