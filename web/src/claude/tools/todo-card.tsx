"use client";

import { useMemo } from "react";
import type { ToolCall } from "../model/items.ts";
import { readTodos } from "../model/todos.ts";
import { ErrorText } from "./error-text.tsx";
import { TodoItems } from "./todo-items.tsx";
import { ToolFrame } from "./tool-frame.tsx";

/** TodoWrite: the list as a checklist. As it stands now, it is pinned above the text box. */
export function TodoCard({ call }: { call: ToolCall }) {
  const todos = useMemo(() => readTodos(call.input), [call.input]);
  const done = todos.filter(({ status }) => status === "completed").length;
  return (
    <ToolFrame call={call} title="To-do list" aside={todos.length > 0 && `${done} of ${todos.length}`}>
      {todos.length > 0 && <TodoItems todos={todos} />}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
