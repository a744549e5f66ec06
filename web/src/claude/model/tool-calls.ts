import type { ChatEventOf } from "@remote-claude/protocol";
import type { PermissionQuestion, TimelineItem, ToolCall, ToolState } from "./items.ts";
import { asFields, type Fields, stringOf, type ToolResult } from "./sdk.ts";
import { type Todo, TodoList } from "./todos.ts";

interface Draft {
  readonly id: string;
  readonly name: string;
  /** What the tool does: as somebody changed it, where they did. */
  input: Fields;
  readonly children: TimelineItem[];
  /** A subagent's. */
  readonly nested: boolean;
  startedAt: string;
  turnId: string | null;
  result: ToolResult | null;
  endedAt: string | null;
  question: PermissionQuestion | null;
  progress: string | null;
  /** Of a subagent or command that goes on after its call has answered. */
  background: "running" | "done" | "failed" | null;
}

/** The calls of tools in a run of entries, put together from what tells of them. */
export class ToolCalls {
  readonly #drafts = new Map<string, Draft>();
  readonly #questions = new Map<string, string>();
  /** Tasks by their id: later messages about them do not always name the call. */
  readonly #tasks = new Map<string, string>();
  #todos = new TodoList();
  /** What the list was made of, in the order of their ends. */
  #ended: Draft[] = [];

  /** null when this call is known already. */
  start(
    { id, name, input }: { id: string; name: string; input: Fields },
    turnId: string | null,
    at: string,
    nested = false,
  ): ToolCall | null {
    if (this.#drafts.has(id)) return null;
    const draft: Draft = {
      id,
      name,
      input,
      startedAt: at,
      children: [],
      nested,
      turnId,
      result: null,
      endedAt: null,
      question: null,
      progress: null,
      background: null,
    };
    this.#drafts.set(id, draft);
    return presentCall(draft, null);
  }

  has(id: string): boolean {
    return this.#drafts.has(id);
  }

  addChild(parent: string, item: TimelineItem): boolean {
    const draft = this.#drafts.get(parent);
    draft?.children.push(item);
    return draft !== undefined;
  }

  /** false when the call is not known. */
  ask(question: PermissionQuestion): boolean {
    const draft = this.#drafts.get(question.toolUseId);
    if (draft === undefined) return false;
    draft.question = question;
    this.#questions.set(question.requestId, draft.id);
    return true;
  }

  answer(event: ChatEventOf<"permission-answered">, at: string): void {
    const { kind: _, requestId, input, ...answered } = event;
    const changed = input === undefined ? {} : { changed: true };
    const draft = this.#drafts.get(this.#questions.get(requestId) ?? "");
    if (draft?.question?.requestId === requestId) {
      if (input !== undefined) draft.input = input;
      draft.question = { ...draft.question, answer: { ...answered, at, ...changed } };
      // How long people took to answer is not how long the tool took.
      draft.startedAt = at;
    }
  }

  resolve(id: string, result: ToolResult, at: string): void {
    const draft = this.#drafts.get(id);
    if (draft === undefined) return;
    draft.result = result;
    draft.endedAt = at;
    // A subagent's own list is not that of the conversation.
    if (!draft.nested || draft.name !== "TodoWrite") {
      this.#ended.push(draft);
      this.#todos.take(draft);
    }
    const structured = asFields(result.structured);
    const launched = stringOf(structured, "status") === "async_launched";
    if (launched && draft.background === null) draft.background = "running";
  }

  /** What Claude Code says of a subagent or a background command (`system/task_*`). */
  progress(message: Fields): void {
    const taskId = stringOf(message, "task_id") ?? "";
    const callId = stringOf(message, "tool_use_id");
    if (callId !== null) this.#tasks.set(taskId, callId);
    const draft = this.#drafts.get(this.#tasks.get(taskId) ?? "");
    if (draft === undefined) return;
    switch (message.subtype) {
      case "task_started":
        if (message.is_backgrounded === true) draft.background = "running";
        break;
      case "task_progress":
        draft.progress = stringOf(message, "summary") ?? stringOf(message, "description");
        break;
      default: {
        const status = stringOf(asFields(message.patch) ?? message, "status");
        if (draft.background === null || status === null) return;
        if (status === "completed") draft.background = "done";
        else if (status === "failed" || status === "killed") draft.background = "failed";
      }
    }
  }

  /** It is told of a task whose call has not answered yet: how that ends stands in the call's own card. */
  waitsFor(message: Fields): boolean {
    const draft = this.#drafts.get(this.#tasks.get(stringOf(message, "task_id") ?? "") ?? "");
    return draft !== undefined && draft.result === null;
  }

  /** The to-do list as the calls so far leave it. */
  todos(): readonly Todo[] | null {
    return this.#todos.list();
  }

  /** These were taken back, with all that they had written down to do; what was said before is there again. */
  takeBack(items: readonly TimelineItem[]): void {
    const gone = new Set<string>();
    const collect = (some: readonly TimelineItem[]): void => {
      for (const item of some) {
        if (item.kind === "set-aside") collect(item.items);
        if (item.kind !== "tool") continue;
        gone.add(item.call.id);
        collect(this.#drafts.get(item.call.id)?.children ?? []);
      }
    };
    collect(items);
    this.#ended = this.#ended.filter(({ id }) => !gone.has(id));
    this.#todos = new TodoList();
    for (const draft of this.#ended) this.#todos.take(draft);
  }

  pending(): PermissionQuestion[] {
    return [...this.#questions].flatMap(([requestId, callId]) => {
      const question = this.#drafts.get(callId)?.question;
      return question?.requestId === requestId && question.answer === null ? [question] : [];
    });
  }

  /** All calls as they stand, while `turnId` runs. */
  finish(turnId: string | null): ReadonlyMap<string, ToolCall> {
    return new Map([...this.#drafts].map(([id, draft]) => [id, presentCall(draft, turnId)]));
  }
}

function presentCall(draft: Draft, runningTurn: string | null): ToolCall {
  const { turnId, background, nested: _, ...rest } = draft;
  const state = stateOf(draft, turnId !== null && turnId === runningTurn);
  const progress = state === "running" ? rest.progress : null;
  return { ...rest, progress, output: null, writing: null, state };
}

function stateOf({ result, question, background }: Draft, turnRuns: boolean): ToolState {
  if (question !== null && question.answer === null) return "asking";
  if (question?.answer?.decision === "deny") return "denied";
  if (question?.answer?.decision === "withdrawn") return "stopped";
  if (result === null) {
    return turnRuns || background === "running" ? "running" : "stopped";
  }
  if (result.rejected) return "denied";
  if (result.isError) return "failed";
  return background ?? "done";
}
