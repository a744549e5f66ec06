import type { JournalEntry } from "@remote-claude/protocol";
import { createElement } from "react";
import { expect, it } from "vitest";
import { draw, textOf } from "../testing/draw.ts";
import {
  alice,
  entryOf,
  idOf,
  prompt,
  readRecording,
  said,
  turnId,
  turnStarted,
} from "../testing/recordings.ts";
import { TodoBar } from "../timeline/todo-bar.tsx";
import { buildTimeline } from "./timeline.ts";
import type { TodoStatus } from "./todos.ts";

const opening = [prompt(1, turnId), turnStarted(2, turnId)];

/** A call and its answer, as two entries. */
function done(
  seq: number,
  name: string,
  input: object,
  result: unknown,
  more: { parent?: string; fails?: true } = {},
) {
  const id = `t${seq}`;
  const parent = { parent_tool_use_id: more.parent ?? null };
  const answer = { type: "tool_result", tool_use_id: id, content: "", is_error: more.fails ?? false };
  const message = { type: "user", ...parent, message: { content: [answer] }, tool_use_result: result };
  return [
    said(seq, `m${seq}`, { type: "tool_use", id, name, input }, parent),
    entryOf(seq + 1, { kind: "sdk", turnId, message }),
  ];
}

const listOf = (...entries: JournalEntry[][]) =>
  buildTimeline([...opening, ...entries.flat()]).todos?.map(({ text, status }) => `${text}: ${status}`) ??
  null;

const todo = (content: string, status: TodoStatus) => ({ content, status, activeForm: `${content}ing` });

it("is what the tools of the recorded Claude Code left", () => {
  const { todos } = buildTimeline(readRecording("gallery").entries);
  expect(todos).toEqual([
    { id: "1", text: "Read the code", status: "completed", activeText: "Reading the code" },
    { id: "2", text: "Fix the answer", status: "in_progress", activeText: "Fixing the answer" },
  ]);
  const drawn = textOf(draw(createElement(TodoBar, { todos, working: true })));
  expect(drawn).toBe("Fixing the answer 1 of 2");
});

it("is the last that was written whole, and not a subagent's", () => {
  const first = done(3, "TodoWrite", { todos: [todo("Read", "in_progress"), todo("Fix", "pending")] }, {});
  const second = done(5, "TodoWrite", { todos: [todo("Read", "completed"), todo("Fix", "in_progress")] }, {});
  expect(listOf(first)).toEqual(["Read: in_progress", "Fix: pending"]);
  expect(listOf(first, second)).toEqual(["Read: completed", "Fix: in_progress"]);
  const inside = done(7, "TodoWrite", { todos: [todo("Other", "pending")] }, {}, { parent: "t3" });
  expect(listOf(first, second, inside)).toEqual(["Read: completed", "Fix: in_progress"]);
  expect(listOf(first, done(5, "TodoWrite", { todos: [] }, "Error", { fails: true }))).toHaveLength(2);
});

it("follows changes of one part, and what it was not told of before", () => {
  const made = (seq: number, id: string, subject: string) =>
    done(seq, "TaskCreate", { subject }, { task: { id, subject } });
  const changed = (seq: number, input: object) => done(seq, "TaskUpdate", input, { success: true });
  const one = made(3, "1", "Read");
  const two = made(5, "2", "Fix");
  expect(listOf(one, two, changed(7, { taskId: "1", status: "deleted" }))).toEqual(["Fix: pending"]);
  expect(listOf(changed(3, { taskId: "7", status: "in_progress" }))).toEqual(["To-do 7: in_progress"]);
  const told = done(3, "TaskList", {}, { tasks: [{ id: "7", subject: "Old", status: "completed" }] });
  expect(listOf(told, changed(5, { taskId: "7", subject: "Older" }))).toEqual(["Older: completed"]);
  // A new list begins when the last one is done.
  expect(listOf(one, changed(5, { taskId: "1", status: "completed" }), made(7, "2", "Next"))).toEqual([
    "Next: pending",
  ]);
  expect(listOf(done(3, "TaskCreate", { subject: "No id" }, "a string"))).toBeNull();
});

it("is again what it was when somebody goes back to before a message, and stays when files alone go back", () => {
  const first = done(3, "TodoWrite", { todos: [todo("Read", "completed"), todo("Fix", "pending")] }, {});
  const second = idOf(9);
  const later = [prompt(5, second), turnStarted(6, second)];
  const rewritten = done(7, "TodoWrite", { todos: [todo("Dance", "in_progress")] }, {});
  const back = (what: "both" | "files", messageId: string) =>
    entryOf(9, { kind: "rewound", messageId, what, files: [], fileCount: 0, by: alice });
  expect(listOf(first, later, rewritten)).toEqual(["Dance: in_progress"]);
  expect(listOf(first, later, rewritten, [back("files", second)])).toEqual(["Dance: in_progress"]);
  expect(listOf(first, later, rewritten, [back("both", second)])).toEqual([
    "Read: completed",
    "Fix: pending",
  ]);
  expect(listOf(first, later, rewritten, [back("both", turnId)])).toBeNull();
});

it("goes away when all is done and nothing runs", () => {
  const todos = [{ id: "1", text: "Read", status: "completed" as const, activeText: null }];
  expect(textOf(draw(createElement(TodoBar, { todos, working: true })))).toBe("All done 1 of 1");
  expect(textOf(draw(createElement(TodoBar, { todos, working: false })))).toBe("");
  expect(textOf(draw(createElement(TodoBar, { todos: null, working: true })))).toBe("");
});
