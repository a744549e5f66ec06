import { CircleDotIcon, CircleIcon, SquareCheckIcon } from "lucide-react";
import { cn } from "../../lib/utils.ts";
import type { Todo } from "../model/todos.ts";

const icons = {
  completed: { Icon: SquareCheckIcon, label: "Done", className: "text-success" },
  in_progress: { Icon: CircleDotIcon, label: "In progress", className: "text-clay" },
  pending: { Icon: CircleIcon, label: "To do", className: "text-muted-foreground" },
} as const;

/** A to-do list as a checklist. */
export function TodoItems({ todos }: { todos: readonly Todo[] }) {
  return (
    <ul className="flex flex-col gap-1 px-3 py-2">
      {todos.map(({ id, text, status, activeText }) => {
        const { Icon, label, className } = icons[status];
        return (
          <li key={id} className="flex items-start gap-2">
            <Icon role="img" aria-label={label} className={cn("mt-0.5 size-3.5 shrink-0", className)} />
            <span
              className={cn(
                "min-w-0 [overflow-wrap:anywhere]",
                status === "completed" && "text-muted-foreground line-through",
                status === "in_progress" && "font-medium",
              )}
            >
              {status === "in_progress" ? (activeText ?? text) : text}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
