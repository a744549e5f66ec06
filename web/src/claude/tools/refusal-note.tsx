"use client";

import { ShieldXIcon } from "lucide-react";
import { useMemo } from "react";
import type { ToolCall } from "../model/items.ts";
import { refusalIn } from "../model/refusals.ts";

/** Below a call whose way out was refused: which host, and who can do something about it. */
export function RefusalNote({ call }: { call: Pick<ToolCall, "result"> }) {
  const text = call.result?.text ?? "";
  const refusal = useMemo(() => refusalIn(text), [text]);
  if (refusal === null) return null;
  return (
    <p className="mt-1 flex items-start gap-2 rounded-lg border border-warning/30 bg-warning-soft px-3 py-2 text-[12.5px] text-warning">
      <ShieldXIcon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="[overflow-wrap:anywhere]">
        This session may not reach <strong>{refusal.host}</strong>.{" "}
        {refusal.allow === null
          ? "Sessions of its kind reach no host but the model; an administrator can choose another template for it."
          : `An administrator can allow it: ${refusal.allow} in EGRESS_ALLOWED_HOSTS.`}
      </span>
    </p>
  );
}
