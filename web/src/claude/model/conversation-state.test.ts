import {
  type ChatDelta,
  type Conversation,
  defaultSteering,
  type JournalEntry,
} from "@remote-claude/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  conversationId,
  deltaOf,
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
import {
  type ConversationAction,
  type ConversationState,
  emptyConversation,
  needsSnapshot,
  reduceConversation,
} from "./conversation-state.ts";
import { ViewDeriver } from "./view.ts";

const conversation: Conversation = {
  conversationId,
  sessionId: idOf(9),
  title: null,
  state: "working",
  model: null,
  permissionMode: "default",
  steering: defaultSteering,
  lastSeq: 0,
  costUsd: 0,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  createdAt: "2026-11-20T00:00:00Z",
  lastActiveAt: "2026-11-20T00:00:00Z",
  archivedAt: null,
  forkedFrom: null,
};

const run = (actions: readonly ConversationAction[], from = emptyConversation) =>
  actions.reduce(reduceConversation, from);
const entries = (...list: JournalEntry[]): ConversationAction => ({ type: "entries", entries: list });
const deltas = (...list: ChatDelta[]): ConversationAction => ({ type: "deltas", deltas: list });
const snapshot = (
  list: readonly JournalEntry[],
  more: Partial<Extract<ConversationAction, { type: "snapshot" }>> = {},
): ConversationAction => ({
  type: "snapshot",
  after: null,
  conversation,
  entries: list,
  more: false,
  partials: [],
  ...more,
});
const seqs = (state: ConversationState) => state.log.entries.map(({ seq }) => seq);
const writing = (state: ConversationState) => [...state.partials.values()].map((partial) => partial.text);

const messageId = idOf(3);
const opening = [prompt(1, messageId), turnStarted(2, messageId)];

describe("entries", () => {
  it("are kept once and in order, however they come", () => {
    const state = run([
      snapshot(opening),
      entries(text(4, "b", "two")),
      entries(text(3, "a", "one"), ...opening),
    ]);
    expect(seqs(state)).toEqual([1, 2, 3, 4]);
    expect(needsSnapshot(state)).toBe(false);
  });

  it("that came before the first answer are not lost", () => {
    const state = run([entries(text(4, "b", "two"), text(3, "a", "one")), snapshot(opening)]);
    expect(seqs(state)).toEqual([1, 2, 3, 4]);
  });

  it("behind a gap wait, and the page knows that it must ask", () => {
    const gap = run([snapshot(opening), entries(text(5, "c", "three"))]);
    expect(seqs(gap)).toEqual([1, 2]);
    expect(needsSnapshot(gap)).toBe(true);
    const filled = run([snapshot([text(3, "a", "one"), text(4, "b", "two")], { after: 2 })], gap);
    expect(seqs(filled)).toEqual([1, 2, 3, 4, 5]);
    expect(needsSnapshot(filled)).toBe(false);
  });

  it("begin wherever the server's last ones begin, and grow to the front", () => {
    const tail = run([snapshot([text(11, "a", "one"), text(12, "b", "two")])]);
    expect(tail.complete).toBe(false);
    const older = run([{ type: "older", entries: [text(9, "y", "y"), text(10, "z", "z")] }], tail);
    expect(seqs(older)).toEqual([9, 10, 11, 12]);
    const wrong = run([{ type: "older", entries: [text(5, "x", "x")] }], older);
    expect(seqs(wrong)).toEqual([9, 10, 11, 12]);
    expect(run([{ type: "older", entries: [] }], older).complete).toBe(true);
  });

  it("that were forgotten can be loaded again", () => {
    const full = run([snapshot([...opening, text(3, "a", "one"), text(4, "b", "two")])]);
    const trimmed = run([{ type: "trim", count: 2 }], full);
    expect([seqs(trimmed), trimmed.complete]).toEqual([[3, 4], false]);
    const again = run([{ type: "older", entries: opening }], trimmed);
    expect([seqs(again), again.complete]).toEqual([[1, 2, 3, 4], true]);
  });

  it("amount to the same in any order and number, with the pieces in between", () => {
    const recording = readRecording("work");
    const expected = run([snapshot(recording.entries)]);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...recording.entries, ...recording.entries.slice(5)], {
          minLength: recording.entries.length,
        }),
        fc.integer({ min: 0, max: recording.entries.length }),
        (shuffled, cut) => {
          const state = run([
            entries(...shuffled.slice(0, cut)),
            deltas(...recording.deltas),
            snapshot(recording.entries),
            entries(...shuffled.slice(cut)),
          ]);
          expect(state.log.entries).toEqual(expected.log.entries);
          expect(writing(state)).toEqual([]);
          expect(needsSnapshot(state)).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("pieces", () => {
  const begun = run([snapshot(opening)]);

  it("grow by their offset, and what is there already is dropped", () => {
    const state = run(
      [deltas(deltaOf("m", 0, "Hel"), deltaOf("m", 3, "lo"), deltaOf("m", 2, "llo wo"))],
      begun,
    );
    expect(writing(state)).toEqual(["Hello wo"]);
  });

  it("behind a hole wait until it is filled", () => {
    const holed = run([deltas(deltaOf("m", 0, "Hel"), deltaOf("m", 5, " world"))], begun);
    expect(writing(holed)).toEqual(["Hel"]);
    expect(needsSnapshot(holed)).toBe(true);
    const filled = run(
      [{ type: "asking" }, snapshot([], { after: 2, partials: [deltaOf("m", 0, "Hello")] })],
      holed,
    );
    expect(writing(filled)).toEqual(["Hello world"]);
    expect(needsSnapshot(filled)).toBe(false);
  });

  it("of a page that joins late begin with the snapshot, and go on with what came meanwhile", () => {
    const joined = run([
      { type: "asking" },
      deltas(deltaOf("m", 6, "world")),
      snapshot(opening, { partials: [deltaOf("m", 0, "Hello wo")] }),
    ]);
    expect(writing(joined)).toEqual(["Hello world"]);
  });

  it("are replaced by the finished message, block by block, and late ones are void", () => {
    const second = { block: 1, blockType: "tool-input", toolName: "Bash" } as const;
    const both = run([deltas(deltaOf("m", 0, "Hello"), deltaOf("m", 0, '{"c', second))], begun);
    const one = run([entries(text(3, "m", "Hello")), deltas(deltaOf("m", 5, "!"))], both);
    expect(writing(one)).toEqual(['{"c']);
    const over = run([entries(turnEnded(4)), deltas(deltaOf("m", 3, "ommand", second))], one);
    expect(writing(over)).toEqual([]);
  });

  it("of a message that was cut off go when the next one begins, a subagent's stay", () => {
    const nested = { parentToolUseId: "tool-1" };
    const state = run(
      [
        deltas(
          deltaOf("cut", 0, "This is cu"),
          deltaOf("sub", 0, "Look", nested),
          deltaOf("next", 0, "This"),
        ),
      ],
      begun,
    );
    expect(writing(state)).toEqual(["Look", "This"]);
  });

  it("that the server no longer knows of go, unless they are younger than its answer", () => {
    const old = run([deltas(deltaOf("old", 0, "old"))], begun);
    const nested = { parentToolUseId: "tool-1" };
    const state = run(
      [{ type: "asking" }, deltas(deltaOf("new", 0, "new", nested)), snapshot([], { after: 2 })],
      old,
    );
    expect(writing(state)).toEqual(["new"]);
  });

  it("add up to the finished texts of a recorded turn", () => {
    const { entries: all, deltas: pieces } = readRecording("work");
    const texts = pieces.filter(({ blockType }) => blockType === "text");
    const state = run([deltas(...texts.filter(({ messageId: id }) => id === texts[0]?.messageId))], begun);
    const finished = all.flatMap(({ event }) =>
      event.kind === "sdk" ? [JSON.stringify(event.message)] : [],
    );
    const [first = "-"] = writing(state);
    expect(finished.some((message) => message.includes(JSON.stringify(first)))).toBe(true);
  });
});

describe("a prompt of this page", () => {
  const message = { messageId, text: "do it", attachments: [] };
  const view = (state: ConversationState) => new ViewDeriver().derive(state);

  it("is shown at once, and once only when its entry arrives", () => {
    const sent = run([snapshot([]), { type: "sending", message }]);
    expect(view(sent).waiting).toMatchObject([{ state: "sending", text: "do it" }]);
    const arrived = run([entries(prompt(1, messageId))], sent);
    expect(view(arrived).waiting).toEqual([]);
    expect(view(arrived).queue.prompts).toMatchObject([{ text: "do it", by: { name: "Alice" } }]);
    const begun = run([entries(turnStarted(2, messageId))], arrived);
    expect(view(begun).queue.prompts).toEqual([]);
    expect(view(begun).items).toMatchObject([{ kind: "prompt", state: "done" }]);
    expect(view(begun).working).toBe(true);
  });

  it("stays with its error when it could not be sent, and goes out again under its own id", () => {
    const failed = run([
      snapshot([]),
      { type: "sending", message },
      { type: "send-failed", messageId, error: "no way" },
    ]);
    expect(view(failed).waiting).toMatchObject([{ state: "failed", error: "no way", messageId }]);
    const again = run([{ type: "sending", message }], failed);
    expect(view(again).waiting).toMatchObject([{ state: "sending", error: null, messageId }]);
    expect(view(run([{ type: "discard", messageId }], failed)).waiting).toEqual([]);
  });

  it("that failed here but arrived there is no longer a failure", () => {
    const arrived = run([
      snapshot([]),
      { type: "sending", message },
      entries(prompt(1, messageId)),
      { type: "send-failed", messageId, error: "timeout" },
    ]);
    expect(view(arrived).waiting).toEqual([]);
    expect(view(arrived).queue.prompts).toMatchObject([{ messageId }]);
  });

  it("waits while another turn runs", () => {
    const state = run([snapshot([...opening, prompt(3, idOf(4), "and then")])]);
    expect(view(state).queue).toMatchObject({ prompts: [{ text: "and then" }], held: null });
  });

  it("that waits is known from the server's word, wherever it was sent; later entries come on top", () => {
    const by = { id: idOf(9), name: "Bob" };
    const [first, second] = [idOf(4), idOf(5)];
    const prompts = [first, second].map((id) => ({ messageId: id, text: id, attachments: [], by }));
    const queue = { seq: 2, prompts, held: null };
    const changed = run([
      { ...snapshot(opening), queue } as ConversationAction,
      entries(
        entryOf(3, { kind: "prompt-moved", messageId: second, before: first, by }),
        entryOf(4, { kind: "prompt-edited", messageId: first, text: "other", attachments: [], by }),
        entryOf(5, { kind: "queue-held", because: "stopped", by }),
      ),
    ]);
    expect(view(changed).queue).toMatchObject({
      prompts: [{ messageId: second }, { messageId: first, text: "other" }],
      held: { because: "stopped", by },
    });
    const removed = run([entries(entryOf(6, { kind: "prompt-removed", messageId: second, by }))], changed);
    expect(view(removed).queue.prompts).toMatchObject([{ messageId: first }]);
  });
});

describe("the view", () => {
  it("keeps the identity of what did not change while text streams", () => {
    const { entries: all } = readRecording("work");
    const deriver = new ViewDeriver();
    const before = run([snapshot(all.slice(0, 20))]);
    const first = deriver.derive(before).items;
    const piece = deltaOf("new", 0, "Hello", { turnId });
    const second = deriver.derive(run([deltas(piece)], before)).items;
    expect(second).toHaveLength(first.length + 1);
    for (const [index, item] of first.entries()) expect(second[index]).toBe(item);
    const third = deriver.derive(run([entries(...all.slice(20, 24))], before)).items;
    expect(third.filter((item) => first.includes(item)).length).toBeGreaterThan(4);
  });

  it("believes the server about a turn that began before the loaded entries", () => {
    const outside = entryOf(900, { kind: "sdk", turnId: null, message: { type: "system", subtype: "x" } });
    const state = run([snapshot([outside])]);
    expect(new ViewDeriver().derive(state).working).toBe(true);
    const idle = run([{ type: "conversation", conversation: { ...conversation, state: "idle" } }], state);
    expect(new ViewDeriver().derive(idle).working).toBe(false);
  });
});

describe("what a command writes", () => {
  const callId = "toolu_1";
  const output = (offset: number, words: string, block = 0) =>
    deltaOf(callId, offset, words, { blockType: "tool-output", block });
  const asked = said(3, "m1", { type: "tool_use", id: callId, name: "Bash", input: { command: "make" } });
  const answered = (seq: number, result: unknown) => {
    const content = [{ type: "tool_result", tool_use_id: callId, content: "all of it" }];
    return entryOf(seq, {
      kind: "sdk",
      turnId,
      message: { type: "user", message: { content }, tool_use_result: result },
    });
  };
  const begun = [prompt(1, idOf(3)), turnStarted(2, idOf(3)), asked];
  const written = (...actions: ConversationAction[]) => {
    const state = actions.reduce(
      reduceConversation,
      reduceConversation(emptyConversation, {
        type: "snapshot",
        after: null,
        conversation: {} as never,
        entries: begun,
        more: false,
        partials: [],
      }),
    );
    const call = new ViewDeriver().derive(state).items.find((item) => item.kind === "tool");
    return call?.kind === "tool" ? call.call.output : undefined;
  };
  const deltas = (...list: ChatDelta[]): ConversationAction => ({ type: "deltas", deltas: list });
  const entries = (...list: JournalEntry[]): ConversationAction => ({ type: "entries", entries: list });

  it("stands in its card, begins anew with a higher block, and stays while Claude writes", () => {
    expect(written(deltas(output(0, "one\n"), output(4, "two\n")))).toBe("one\ntwo\n");
    expect(written(deltas(output(0, "one\n"), output(0, "end\n", 2), output(4, "late")))).toBe("end\n");
    expect(written(deltas(output(0, "one\n"), deltaOf("m2", 0, "Meanwhile")))).toBe("one\n");
  });

  it("goes away with the whole of it; in the background, when it has ended", () => {
    expect(written(deltas(output(0, "one\n")), entries(answered(4, { stdout: "all of it" })))).toBeNull();
    const launched = entries(answered(4, { backgroundTaskId: "task1" }), turnEnded(5));
    expect(written(deltas(output(0, "one\n")), launched)).toBe("one\n");
    expect(written(launched, deltas(output(0, "after its turn\n")))).toBe("after its turn\n");
    const ended = system(6, "task_notification", {
      task_id: "task1",
      tool_use_id: callId,
      status: "completed",
    });
    expect(written(deltas(output(0, "one\n")), launched, entries(ended))).toBeNull();
  });
});
