"use client";

import type { ToolCall } from "../model/items.ts";
import { stringOf } from "../model/sdk.ts";
import { usePane } from "../pane-context.tsx";
import { Markdown } from "../timeline/markdown.tsx";
import { ErrorText } from "./error-text.tsx";
import { PlanReview } from "./plan-review.tsx";
import { ToolFrame } from "./tool-frame.tsx";

/** ExitPlanMode: the plan, to be read before it is allowed. Newer versions keep it in a file and send it when asking. */
export function PlanCard({ call }: { call: ToolCall }) {
  const { canAnswer } = usePane();
  const { question } = call;
  const changed = question?.answer?.changed === true;
  const plan = (changed ? null : stringOf(question?.input, "plan")) ?? stringOf(call.input, "plan");
  const asking = call.state === "asking" && canAnswer;
  return (
    <ToolFrame call={call} open title={<span className="font-medium">Claude's plan</span>}>
      {asking && question !== null ? (
        <PlanReview question={question} plan={plan ?? "_Claude wrote no plan down._"} />
      ) : (
        plan !== null && (
          <div className="max-h-[60vh] overflow-y-auto px-3.5 py-2.5">
            <Markdown text={plan} />
          </div>
        )
      )}
      <ErrorText call={call} />
    </ToolFrame>
  );
}
