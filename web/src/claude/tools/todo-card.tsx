"use client";

import { CircleDotIcon, CircleIcon, SquareCheckIcon } from "lucide-react";
import { cn } from "../../lib/utils.ts";
import type { ToolCall } from "../model/items.ts";
import { asFields, listOf, stringOf } from "../model/sdk.ts";
import { ErrorText } from "./error-text.tsx";
import { ToolFrame } from "./tool-frame.tsx";

const icons = {
  completed: { Icon: SquareCheckIcon, label: "Done", className: "text-success" },
  in_progress: { Icon: CircleDotIcon, label: "In progress", className: "text-clay" },
  pending: { Icon: CircleIcon, label: "To do", className: "text-muted-foreground" },
} as const;

/** TodoWrite: the list as a checklist. */
export function TodoCard({ call }: { call: ToolCall }) {
  const todos = listOf(call.input, "todos")
    .map(asFields)
    .filter((todo) => todo !== null);
  const done = todos.filter((todo) => todo.status === "completed").length;
  return (
    <ToolFrame
      call={call}
      open={call.state !== "failed"}
      title="To-do list"
      aside={todos.length > 0 && `${done} of ${todos.length}`}
    >
      {todos.length > 0 && (
        <ul className="flex flex-col gap-1 px-3 py-2">
          {todos.map((todo) => {
            const status =
              todo.status === "completed" || todo.status === "in_progress" ? todo.status : "pending";
            const { Icon, label, className } = icons[status];
            const text = stringOf(todo, status === "in_progress" ? "activeForm" : "content");
            return (
              <li key={stringOf(todo, "content")} className="flex items-start gap-2">
                <Icon role="img" aria-label={label} className={cn("mt-0.5 size-3.5 shrink-0", className)} />
                <span
                  className={cn(
                    status === "completed" && "text-muted-foreground line-through",
                    status === "in_progress" && "font-medium",
                  )}
                >
                  {text ?? stringOf(todo, "content")}
                </span>
              </li>
            );
          })}
        </ul>
      )}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
