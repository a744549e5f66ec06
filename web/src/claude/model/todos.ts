import type { ToolCall } from "./items.ts";
import { asFields, type Fields, listOf, stringOf } from "./sdk.ts";

export type TodoStatus = "pending" | "in_progress" | "completed";

export interface Todo {
  readonly id: string;
  readonly text: string;
  readonly status: TodoStatus;
  /** What is being done, while it is. */
  readonly activeText: string | null;
}

const statuses: ReadonlySet<unknown> = new Set<TodoStatus>(["pending", "in_progress", "completed"]);
const statusOf = (value: unknown): TodoStatus | null => (statuses.has(value) ? (value as TodoStatus) : null);

/** A list as `TodoWrite` writes it: whole, each time. */
export function readTodos(input: Fields | null): readonly Todo[] {
  return listOf(input, "todos").flatMap((value, index) => {
    const todo = asFields(value);
    const text = stringOf(todo, "content") ?? stringOf(todo, "activeForm");
    if (text === null) return [];
    const status = statusOf(todo?.status) ?? "pending";
    return [
      { id: stringOf(todo, "id") ?? String(index), text, status, activeText: stringOf(todo, "activeForm") },
    ];
  });
}

/**
 * The to-do list as the calls of a conversation leave it, whichever tools this Claude Code has for it: `TodoWrite`,
 * which writes all of it, or `TaskCreate`, `TaskUpdate` and `TaskList`, which change one part or tell of all.
 */
export class TodoList {
  #todos = new Map<string, Todo>();

  /** Takes a call that has succeeded; calls come in the order of their ends. */
  take({ name, input, result }: Pick<ToolCall, "name" | "input" | "result">): void {
    if (result === null || result.isError || result.rejected) return;
    const structured = asFields(result.structured);
    switch (name) {
      case "TodoWrite":
        this.#todos = new Map(readTodos(input).map((todo) => [todo.id, todo]));
        break;
      case "TaskCreate":
        this.#create(input, asFields(structured?.task));
        break;
      case "TaskUpdate":
        if (structured?.success !== false) this.#update(input);
        break;
      case "TaskList":
        this.#list(structured);
        break;
      default:
    }
  }

  /** null: there is none. */
  list(): readonly Todo[] | null {
    return this.#todos.size === 0 ? null : [...this.#todos.values()];
  }

  #create(input: Fields | null, task: Fields | null): void {
    const id = stringOf(task, "id");
    const text = stringOf(task, "subject") ?? stringOf(input, "subject");
    if (id === null || text === null) return;
    // A list that is done is put away when another one begins.
    if ([...this.#todos.values()].every(({ status }) => status === "completed")) this.#todos.clear();
    this.#todos.set(id, { id, text, status: "pending", activeText: stringOf(input, "activeForm") });
  }

  #update(input: Fields | null): void {
    const id = stringOf(input, "taskId");
    if (id === null) return;
    if (input?.status === "deleted") {
      this.#todos.delete(id);
      return;
    }
    // It may have been made before what the page has loaded.
    const before = this.#todos.get(id) ?? { id, text: `To-do ${id}`, status: "pending", activeText: null };
    this.#todos.set(id, {
      id,
      text: stringOf(input, "subject") ?? before.text,
      status: statusOf(input?.status) ?? before.status,
      activeText: stringOf(input, "activeForm") ?? before.activeText,
    });
  }

  #list(structured: Fields | null): void {
    const tasks = listOf(structured, "tasks").map(asFields);
    for (const task of tasks) {
      const id = stringOf(task, "id");
      const text = stringOf(task, "subject");
      if (id === null || text === null) continue;
      const activeText = this.#todos.get(id)?.activeText ?? null;
      this.#todos.set(id, { id, text, status: statusOf(task?.status) ?? "pending", activeText });
    }
  }
}
