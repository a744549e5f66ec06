import type { JournalEntry } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import {
  alice,
  entryOf,
  idOf,
  prompt,
  readRecording,
  said,
  system,
  text,
  turnEnded,
  turnId,
  turnStarted,
} from "../testing/recordings.ts";
import { diffOf } from "./diff.ts";
import { foldItems, groupSentence } from "./fold.ts";
import type { TimelineItem, ToolCall } from "./items.ts";
import { buildTimeline } from "./timeline.ts";

const itemsOf = (name: string) => buildTimeline(readRecording(name).entries).items;
const callsOf = (items: readonly TimelineItem[]) =>
  items.flatMap((item) => (item.kind === "tool" ? [item.call] : []));
const callOf = (items: readonly TimelineItem[], name: string): ToolCall => {
  const call = callsOf(items).find((candidate) => candidate.name === name);
  if (call === undefined) throw new Error(`no call of ${name}`);
  return call;
};
const messageId = idOf(3);
const opening = [prompt(1, messageId), turnStarted(2, messageId)];
const toolUse = (seq: number, id: string, name: string, input: object = {}) =>
  said(seq, `msg-${id}`, { type: "tool_use", id, name, input });

const answered = (seq: number, id: string, content: string) =>
  entryOf(seq, {
    kind: "sdk",
    turnId,
    message: { type: "user", message: { content: [{ type: "tool_result", tool_use_id: id, content }] } },
  });

describe("a recorded turn", () => {
  const items = itemsOf("work");

  it("tells what was said and done, in order", () => {
    expect(items.map((item) => (item.kind === "tool" ? item.call.name : item.kind))).toEqual([
      "prompt",
      "thinking",
      "text",
      "TodoWrite",
      "Glob",
      "Read",
      "Read",
      "Grep",
      "text",
      "Edit",
      "Bash",
      "Write",
      "Agent",
      "text",
      "turn-end",
    ]);
  });

  it("gives each call its result, though results come in another order", () => {
    const [first, second] = callsOf(items).filter(({ name }) => name === "Read");
    expect(first?.input?.file_path).toMatch(/sum\.js$/);
    expect(first?.result?.text).toContain("// line 1");
    expect(second?.input?.file_path).toMatch(/other\.js$/);
    expect(second?.result?.text).toContain("export const x = 1;");
  });

  it("says of each call how it ended, and who allowed it", () => {
    expect(callOf(items, "Edit")).toMatchObject({
      state: "done",
      question: { answer: { decision: "allow", by: { name: "Alice" } } },
    });
    expect(callOf(items, "Bash")).toMatchObject({ state: "failed" });
    expect(callOf(items, "TodoWrite").state).toBe("failed");
  });

  it("shows an edit as Claude Code made it, with its place in the file", () => {
    const diff = diffOf(callOf(items, "Edit"));
    expect(diff).toMatchObject({ added: 1, removed: 1, isNew: false });
    expect(diff?.hunks[0]?.filter(({ type }) => type !== "same")).toEqual([
      { type: "removed", before: 32, after: null, text: "  return a - b;" },
      { type: "added", before: null, after: 32, text: "  return a + b;" },
    ]);
  });

  it("shows a new file as lines that were added", () => {
    const diff = diffOf(callOf(items, "Write"));
    expect(diff).toMatchObject({ added: 5, removed: 0, isNew: true });
    expect(diff?.hunks[0]?.map(({ after }) => after)).toEqual([1, 2, 3, 4, 5]);
  });

  it("puts what a subagent does into its card", () => {
    const agent = callOf(items, "Agent");
    expect(agent.state).toBe("done");
    expect(callsOf(agent.children).map(({ name, state }) => [name, state])).toEqual([["Read", "done"]]);
    expect(agent.result?.structured).toMatchObject({ totalToolUseCount: 1 });
  });

  it("knows where Claude works and which model answers", () => {
    const timeline = buildTimeline(readRecording("work").entries);
    expect(timeline).toMatchObject({ cwd: "/place/workspace", turn: null, pending: [] });
    expect(timeline.model).toMatch(/^claude-/);
  });

  it("is complete up to every entry, whichever was the last", () => {
    const { entries } = readRecording("work");
    for (let count = 1; count <= entries.length; count += 1) {
      const { items: partial, pending, turn } = buildTimeline(entries.slice(0, count));
      const last = entries[count - 1]?.event.kind;
      expect(pending).toHaveLength(last === "permission-asked" ? 1 : 0);
      expect(callsOf(partial).filter(({ state }) => state === "asking")).toHaveLength(pending.length);
      expect(turn === null || turn === undefined).toBe(count < 2 || count === entries.length);
    }
  });
});

describe("a recording of", () => {
  it("a denial names the tool as denied, and the reason", () => {
    expect(callOf(itemsOf("denied"), "Bash")).toMatchObject({
      state: "denied",
      question: { answer: { decision: "deny", message: "not now" } },
    });
  });

  it("a plan tells of the modes before and after", () => {
    const notices = itemsOf("plan").flatMap((item) => (item.kind === "notice" ? [item.text] : []));
    expect(notices).toEqual(["Mode: plan (Alice)", "Mode: ask before changes"]);
  });

  it("an overloaded model ends in a failure that can be tried again, with the prompt", () => {
    const items = itemsOf("overloaded");
    expect(items.map(({ kind }) => kind)).toEqual(["prompt", "turn-failure"]);
    expect(items.at(-1)).toMatchObject({
      reason: "overloaded",
      retryable: true,
      prompt: { text: expect.stringContaining("hello") },
    });
  });

  it("an overloaded model says that it tries again, while it does", () => {
    const { entries } = readRecording("overloaded");
    const retries = entries.findLastIndex(
      ({ event }) => event.kind === "sdk" && event.message.subtype === "api_retry",
    );
    const { items } = buildTimeline(entries.slice(0, retries + 1));
    expect(items.at(-1)).toMatchObject({ kind: "retry", attempt: 2, maxRetries: 3, status: 529 });
  });

  it("a rejected key does not show what Claude Code says to itself", () => {
    expect(itemsOf("unauthorized").map(({ kind }) => kind)).toEqual(["prompt", "turn-failure"]);
  });

  it("a command that took a while and failed says so in its card alone; one in the background by a line", () => {
    const call = [...opening, toolUse(3, "t1", "Bash", { command: "sleep 9; false" })];
    const task = { task_id: "b1", tool_use_id: "t1" };
    const started = system(4, "task_started", { ...task, is_backgrounded: false });
    const failed = (seq: number) =>
      system(seq, "task_notification", { ...task, status: "failed", summary: "x" });
    const kinds = (...entries: JournalEntry[]) =>
      buildTimeline([...call, started, ...entries]).items.map(({ kind }) => kind);
    expect(kinds(failed(5), answered(6, "t1", "Exit code 1"))).toEqual(["prompt", "tool"]);
    expect(kinds(answered(5, "t1", "It runs in the background."), failed(6))).toEqual([
      "prompt",
      "tool",
      "notice",
    ]);
  });

  it("a subagent in the background keeps it running until it has reported", () => {
    const { entries } = readRecording("background");
    const endOfFirst = entries.findIndex(({ event }) => event.kind === "turn-ended");
    const agentAt = (count: number) => callOf(buildTimeline(entries.slice(0, count)).items, "Agent");
    expect(agentAt(endOfFirst + 1).state).toBe("running");
    expect(agentAt(entries.length)).toMatchObject({ state: "done" });
    expect(callsOf(agentAt(entries.length).children).map(({ name }) => name)).toEqual(["Read"]);
  });
});

describe("a call", () => {
  it("runs while its turn does, and has stopped when the turn ended without it", () => {
    const running = [...opening, toolUse(3, "t1", "Bash", { command: "sleep 9" })];
    expect(callOf(buildTimeline(running).items, "Bash").state).toBe("running");
    expect(callOf(buildTimeline([...running, turnEnded(4)]).items, "Bash").state).toBe("stopped");
  });

  it("that somebody changed before they allowed it shows what it then does", () => {
    const asked = entryOf(4, {
      ...{ kind: "permission-asked", turnId, requestId: idOf(7), toolUseId: "t1", toolName: "Bash" },
      ...{ input: { command: "rm -rf build" }, title: null, rules: [] },
    });
    const allowed = entryOf(5, {
      ...{ kind: "permission-answered", requestId: idOf(7), decision: "allow", message: null, by: alice },
      input: { command: "ls build" },
    });
    const call = [...opening, toolUse(3, "t1", "Bash", { command: "rm -rf build" }), asked];
    expect(callOf(buildTimeline(call).items, "Bash").input).toEqual({ command: "rm -rf build" });
    expect(callOf(buildTimeline([...call, allowed]).items, "Bash")).toMatchObject({
      input: { command: "ls build" },
      question: { answer: { changed: true } },
    });
  });

  it("that is asked for is shown even when it was made before the loaded entries", () => {
    const asked = entryOf(500, {
      kind: "permission-asked",
      turnId,
      requestId: idOf(7),
      toolUseId: "t9",
      toolName: "Bash",
      input: { command: "rm -rf build" },
      title: null,
      rules: [],
    });
    const { items, pending } = buildTimeline([asked]);
    expect(callOf(items, "Bash")).toMatchObject({ state: "asking", input: { command: "rm -rf build" } });
    expect(pending).toMatchObject([{ requestId: idOf(7) }]);
    const withdrawn = entryOf(501, {
      kind: "permission-answered",
      requestId: idOf(7),
      decision: "withdrawn",
      message: null,
      by: null,
    });
    const after = buildTimeline([asked, withdrawn]);
    expect(after.pending).toEqual([]);
    expect(callOf(after.items, "Bash").state).toBe("stopped");
  });

  it("to a server of the model's own end carries its result in the same message", () => {
    const { items } = buildTimeline([
      ...opening,
      said(3, "m", { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "cats" } }),
      said(4, "m", {
        type: "web_search_tool_result",
        tool_use_id: "s1",
        content: [{ type: "web_search_result", title: "Cats", url: "https://cats.example" }],
      }),
    ]);
    expect(callOf(items, "web_search")).toMatchObject({
      state: "done",
      result: { structured: [{ title: "Cats", url: "https://cats.example" }] },
    });
  });
});

describe("the middle of a turn, without its beginning", () => {
  it("is still a running turn with running calls, and a subagent has its card", () => {
    const nested = said(
      51,
      "n",
      { type: "tool_use", id: "inner", name: "Read", input: {} },
      { parent_tool_use_id: "outer", task_description: "Look around" },
    );
    const { items, turn } = buildTimeline([toolUse(50, "t1", "Bash", { command: "sleep 9" }), nested]);
    expect(turn).toEqual({ turnId, startedAt: null });
    expect(callOf(items, "Bash").state).toBe("running");
    const agent = callOf(items, "Agent");
    expect(agent).toMatchObject({ state: "running", input: { description: "Look around" } });
    expect(callsOf(agent.children).map(({ name }) => name)).toEqual(["Read"]);
  });
});

describe("other messages", () => {
  it("are shown when they mean something to people, and left out when not", () => {
    const { items } = buildTimeline([
      ...opening,
      system(3, "hook_started", { hook_name: "x" }),
      system(4, "compact_boundary", {
        compact_metadata: { trigger: "auto", pre_tokens: 120_000, post_tokens: 20_500 },
      }),
      system(5, "local_command_output", { content: "Context: 12%\nmore" }),
    ]);
    expect(items.slice(1)).toMatchObject([
      { kind: "notice", text: "The conversation was shortened to go on (120k → 20.5k tokens)" },
      { kind: "notice", text: "Context: 12%", detail: "Context: 12%\nmore" },
    ]);
  });

  it("of an unknown type are shown as they are", () => {
    const message = { type: "from_the_future", hello: "world" };
    const { items } = buildTimeline([entryOf(1, { kind: "sdk", turnId: null, message })]);
    expect(items).toMatchObject([{ kind: "notice", detail: expect.stringContaining("world") }]);
  });

  it("that a later one replaces are gone", () => {
    const first = said(3, "m1", { type: "text", text: "I cannot" }, { uuid: "u1" });
    const second = said(4, "m2", { type: "text", text: "Here it is" }, { uuid: "u2", supersedes: ["u1"] });
    const texts = buildTimeline([...opening, first, second]).items.filter(({ kind }) => kind === "text");
    expect(texts).toMatchObject([{ text: "Here it is" }]);
  });

  it("without shape break nothing", () => {
    const odd = [
      { type: "assistant" },
      { type: "assistant", message: { content: "bare words" } },
      { type: "assistant", message: { id: 5, content: [null, 7, { type: "text" }, { type: "tool_use" }] } },
      { type: "user", message: { content: [{ type: "tool_result", tool_use_id: "nobody" }] } },
      { type: "system" },
      { type: "system", subtype: "api_retry" },
    ];
    const entries = odd.map((message, index) => entryOf(index + 1, { kind: "sdk", turnId: null, message }));
    expect(buildTimeline(entries).items).toMatchObject([{ kind: "text", text: "bare words" }]);
  });
});

describe("runs of small calls", () => {
  it("become one line; what asks, failed or changes something stands alone", () => {
    const { items } = buildTimeline([
      ...opening,
      toolUse(3, "a", "Read"),
      toolUse(4, "b", "Grep"),
      toolUse(5, "c", "Read"),
      toolUse(6, "d", "Edit"),
      toolUse(7, "e", "Read"),
      text(8, "m", "done"),
    ]);
    const folded = foldItems(items);
    expect(folded.map(({ kind }) => kind)).toEqual(["prompt", "tool-group", "tool", "tool", "text"]);
    const [, group] = folded;
    expect(group?.kind === "tool-group" && groupSentence(group.calls)).toBe(
      "Read 2 files, searched 1 pattern",
    );
  });
});
