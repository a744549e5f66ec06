"use client";

import type { ToolCall } from "../model/items.ts";
import { stringOf } from "../model/sdk.ts";
import { Markdown } from "../timeline/markdown.tsx";
import { ErrorText } from "./error-text.tsx";
import { ToolFrame } from "./tool-frame.tsx";

/** ExitPlanMode: the plan, to be read before it is allowed. */
export function PlanCard({ call }: { call: ToolCall }) {
  const plan = stringOf(call.question?.input, "plan") ?? stringOf(call.input, "plan");
  return (
    <ToolFrame call={call} open title={<span className="font-medium">Claude's plan</span>}>
      {plan !== null && (
        <div className="max-h-[60vh] overflow-y-auto px-3.5 py-2.5">
          <Markdown text={plan} />
        </div>
      )}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
