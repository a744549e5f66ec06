"use client";

import { ShieldXIcon } from "lucide-react";
import { useMemo } from "react";
import type { ToolCall } from "../model/items.ts";
import { type Refusal, refusalIn } from "../model/refusals.ts";
import { stringOf } from "../model/sdk.ts";

function adviceOf({ allow }: Refusal): string {
  if (allow === undefined) return "What sessions may reach is for an administrator to say.";
  if (allow !== null) return `An administrator can allow it: ${allow} in EGRESS_ALLOWED_HOSTS.`;
  return "Sessions of its kind reach no host but the model; an administrator can choose another template for it.";
}

/** Below a call whose way out was refused: which host, and who can do something about it. */
export function RefusalNote({ call }: { call: Pick<ToolCall, "input" | "result"> }) {
  const text = call.result?.text ?? "";
  const command = stringOf(call.input, "command") ?? "";
  const refusal = useMemo(() => refusalIn(text, command), [text, command]);
  if (refusal === null) return null;
  return (
    <p className="mt-1 flex items-start gap-2 rounded-lg border border-warning/30 bg-warning-soft px-3 py-2 text-[12.5px] text-warning">
      <ShieldXIcon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="[overflow-wrap:anywhere]">
        This session may not reach <strong>{refusal.host}</strong>. {adviceOf(refusal)}
      </span>
    </p>
  );
}
