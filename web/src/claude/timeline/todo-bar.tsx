"use client";

import { ChevronDownIcon, ListTodoIcon } from "lucide-react";
import { memo, useId, useState } from "react";
import { cn } from "../../lib/utils.ts";
import type { Todo } from "../model/todos.ts";
import { TodoItems } from "../tools/todo-items.tsx";

/** The to-do list, pinned above the text box: how far it has come and what is being done; all of it on demand. */
export const TodoBar = memo(function TodoBar({
  todos,
  working,
}: {
  todos: readonly Todo[] | null;
  working: boolean;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  if (todos === null) return null;
  const done = todos.filter(({ status }) => status === "completed").length;
  // What was done in an earlier turn is no news.
  if (done === todos.length && !working && !open) return null;
  const current =
    todos.find(({ status }) => status === "in_progress") ?? todos.find(({ status }) => status === "pending");
  const label =
    current === undefined
      ? "All done"
      : current.status === "in_progress"
        ? (current.activeText ?? current.text)
        : current.text;
  return (
    <section
      aria-label="To-do list"
      className="mx-3 mb-1.5 overflow-hidden rounded-lg border bg-surface text-[12.5px]"
    >
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="relative flex w-full items-center gap-2 px-2.5 py-1.5 text-left hover:bg-hover"
      >
        <ListTodoIcon aria-hidden className="size-3.5 shrink-0 text-clay" />
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <span className="shrink-0 text-[11px] text-muted-foreground">
          {done} of {todos.length}
        </span>
        <ChevronDownIcon
          aria-hidden
          className={cn(
            "size-3.5 shrink-0 text-muted-foreground transition-transform",
            !open && "rotate-180",
          )}
        />
        <span
          aria-hidden
          style={{ width: `${(100 * done) / todos.length}%` }}
          className="absolute bottom-0 left-0 h-0.5 bg-clay transition-[width]"
        />
      </button>
      {open && (
        <div id={id} className="max-h-[40vh] overflow-y-auto border-t">
          <TodoItems todos={todos} />
        </div>
      )}
    </section>
  );
});
