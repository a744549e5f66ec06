"use client";

import { ChevronRightIcon } from "lucide-react";
import { memo } from "react";
import { cn } from "../../lib/utils.ts";
import { openFile } from "../../workbench/store.ts";
import { groupSentence } from "../model/fold.ts";
import type { ToolCall } from "../model/items.ts";
import { numberOf, stringOf } from "../model/sdk.ts";
import { outcomeOf, subjectOf, toWorkspacePath, verbOf } from "../model/tool-text.ts";
import { usePane } from "../pane-context.tsx";
import { useRowState } from "../timeline/row-memory.ts";
import { CollapsibleOutput } from "./collapsible-output.tsx";
import { ErrorText } from "./error-text.tsx";
import { ResultImages } from "./result-images.tsx";
import { StateIcon, ToolFrame } from "./tool-frame.tsx";

function Subject({ call }: { call: ToolCall }) {
  const { cwd, hasEditor } = usePane();
  const subject = subjectOf(call, cwd);
  // Some tools are about nothing in particular.
  if (subject === null && call.state !== "writing") return null;
  const path = call.name === "Read" ? toWorkspacePath(stringOf(call.input, "file_path") ?? "/", cwd) : null;
  if (!hasEditor || path === null || path === "")
    return <span className="claude-mono truncate">{subject ?? "…"}</span>;
  const line = numberOf(call.input, "offset");
  return (
    <button
      type="button"
      title="Open in editor"
      onClick={() => openFile(path, line === null ? {} : { line })}
      className="claude-mono truncate text-left hover:text-clay hover:underline"
    >
      {subject}
    </button>
  );
}

/** A call that only looked: one line without a frame. */
function SmallLine({ call }: { call: ToolCall }) {
  const outcome = outcomeOf(call);
  return (
    <div className="flex min-w-0 items-center gap-2 py-0.5 text-[12.5px] text-muted-foreground">
      <StateIcon state={call.state} />
      <span className="shrink-0">{verbOf(call)}</span>
      <Subject call={call} />
      {outcome !== null && <span className="shrink-0 text-[11px]">{outcome}</span>}
    </div>
  );
}

/** Their answers are for the model, or say what the line says. */
const saidByLine = new Set(["Read", "ToolSearch", "TaskCreate", "TaskUpdate"]);

/** Read, Grep, Glob and the like: a line; a card where there is more to say. */
export function SmallCard({ call }: { call: ToolCall }) {
  const { cwd } = usePane();
  const text = call.result?.text ?? "";
  const worthShowing = !saidByLine.has(call.name) && text !== "" && call.state === "done";
  if (!worthShowing && call.state !== "failed" && call.state !== "asking") {
    return (
      <>
        <SmallLine call={call} />
        <ResultImages call={call} />
      </>
    );
  }
  return (
    <ToolFrame
      call={call}
      title={
        <>
          {verbOf(call)} <span className="claude-mono">{subjectOf(call, cwd)}</span>
        </>
      }
      aside={outcomeOf(call)}
    >
      {call.state === "failed" ? (
        <ErrorText call={call} />
      ) : (
        text !== "" && <CollapsibleOutput text={text} render={(shown) => shown} />
      )}
    </ToolFrame>
  );
}

/** A run of small calls as one line, each of them on demand. */
export const ToolGroup = memo(function ToolGroup({ calls }: { calls: readonly ToolCall[] }) {
  const [open, setOpen] = useRowState("open", false);
  const running = calls.some(({ state }) => state === "running");
  return (
    <div className="my-1">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex items-center gap-2 rounded-sm py-0.5 text-[12.5px] text-muted-foreground hover:text-foreground"
      >
        <StateIcon state={running ? "running" : "done"} />
        {groupSentence(calls)}
        <ChevronRightIcon aria-hidden className={cn("size-3.5 transition-transform", open && "rotate-90")} />
      </button>
      {open && (
        <div className="mt-0.5 ml-1.5 border-l pl-3">
          {calls.map((call) => (
            <SmallCard key={call.id} call={call} />
          ))}
        </div>
      )}
    </div>
  );
});
