"use client";

import { type ComponentType, memo } from "react";
import { editTools } from "../model/diff.ts";
import { smallTools } from "../model/fold.ts";
import type { ToolCall } from "../model/items.ts";
import { own } from "../model/sdk.ts";
import { PermissionQuestionCard } from "../permission/permission-question-card.tsx";
import { AgentCard } from "./agent-card.tsx";
import { AskCard } from "./ask-card.tsx";
import { BashCard } from "./bash-card.tsx";
import { EditCard } from "./edit-card.tsx";
import { FindingsCard } from "./findings-card.tsx";
import { JsonCard } from "./json-card.tsx";
import { PlanCard } from "./plan-card.tsx";
import { RefusalNote } from "./refusal-note.tsx";
import { SmallCard } from "./small-card.tsx";
import { TodoCard } from "./todo-card.tsx";
import { WebCard } from "./web-card.tsx";

/** Which card draws which tool. Whatever is not here (MCP, new tools) is shown as readable JSON. */
const cards: Readonly<Record<string, ComponentType<{ call: ToolCall }>>> = {
  ...Object.fromEntries([...editTools].map((name) => [name, EditCard])),
  Bash: BashCard,
  ...Object.fromEntries([...smallTools].map((name) => [name, SmallCard])),
  ReportFindings: FindingsCard,
  WebFetch: WebCard,
  WebSearch: WebCard,
  web_search: WebCard,
  TodoWrite: TodoCard,
  Task: AgentCard,
  Agent: AgentCard,
  ExitPlanMode: PlanCard,
  AskUserQuestion: AskCard,
};

/** One call of a tool; with the question for permission below it while nobody has answered. */
export const ToolCard = memo(function ToolCard({ call }: { call: ToolCall }) {
  const Card = own(cards, call.name) ?? JsonCard;
  const { question } = call;
  // They are questions themselves; beneath them stands only who answered.
  const asksItself =
    question?.answer === null && (call.name === "AskUserQuestion" || call.name === "ExitPlanMode");
  return (
    <div className="my-1">
      <Card call={call} />
      <RefusalNote call={call} />
      {question !== null && !asksItself && <PermissionQuestionCard question={question} />}
    </div>
  );
});
