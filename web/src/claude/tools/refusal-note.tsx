"use client";

import { ShieldXIcon } from "lucide-react";
import { Fragment, useMemo } from "react";
import type { ToolCall } from "../model/items.ts";
import { hostKeptFrom, type Refusal, refusalIn } from "../model/refusals.ts";
import { stringOf } from "../model/sdk.ts";

function adviceOf({ hosts, allow }: Refusal): string {
  if (allow === undefined) return "What sessions may reach is for an administrator to say.";
  if (allow !== null) {
    const them = hosts.length === 1 ? "it" : "them";
    return `An administrator can allow ${them}: ${allow.join(", ")} in EGRESS_ALLOWED_HOSTS.`;
  }
  return "Sessions of its kind reach no host but the model; an administrator can choose another template for it.";
}

/** The names, set apart: a, b and c. */
function Hosts({ hosts, someOf }: Refusal) {
  return (
    <>
      {someOf && "one or more of "}
      {hosts.map((host, at) => (
        <Fragment key={host}>
          {at > 0 && (at === hosts.length - 1 ? (someOf ? " or " : " and ") : ", ")}
          <strong>{host}</strong>
        </Fragment>
      ))}
    </>
  );
}

/** Below a call whose way out was refused: which hosts, and who can do something about it. */
export function RefusalNote({ call }: { call: Pick<ToolCall, "input" | "result"> }) {
  const text = call.result?.text ?? "";
  const command = stringOf(call.input, "command") ?? "";
  const refusal = useMemo(() => refusalIn(text, command), [text, command]);
  const keptFrom = refusal === null ? hostKeptFrom(text, stringOf(call.input, "url") ?? "") : null;
  if (refusal === null && keptFrom === null) return null;
  return (
    <p className="mt-1 flex items-start gap-2 rounded-lg border border-warning/30 bg-warning-soft px-3 py-2 text-[12.5px] text-warning">
      <ShieldXIcon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="[overflow-wrap:anywhere]">
        {refusal === null ? (
          <>
            The way to <strong>{keptFrom}</strong> was refused. Most often that is because sessions may not
            reach it; what they may reach is for an administrator to say.
          </>
        ) : (
          <>
            This session may not reach <Hosts {...refusal} />. {adviceOf(refusal)}
          </>
        )}
      </span>
    </p>
  );
}
