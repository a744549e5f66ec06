"use client";

import { useEffect, useState } from "react";
import { cn } from "../../lib/utils.ts";
import type { ToolCall } from "../model/items.ts";
import { asFields, stringOf } from "../model/sdk.ts";
import { formatDuration, subjectOf } from "../model/tool-text.ts";
import { AnsiText } from "./ansi-text.tsx";
import { CollapsibleOutput } from "./collapsible-output.tsx";
import { CodeBlockPlain } from "./plain-code.tsx";
import { ToolFrame } from "./tool-frame.tsx";

/** What the command wrote, and how it ended. */
function outcomeOf({ result, state }: ToolCall): { output: string; exit: string | null } {
  if (result === null || state === "denied") return { output: "", exit: null };
  const structured = asFields(result.structured);
  if (structured !== null) {
    const output = [stringOf(structured, "stdout"), stringOf(structured, "stderr")]
      .filter(Boolean)
      .join("\n");
    if (structured.interrupted === true) return { output, exit: "interrupted" };
    if (structured.backgroundTaskId !== undefined) return { output, exit: "in the background" };
    return { output: output || "", exit: result.isError ? "failed" : null };
  }
  const failed = /^(?:Error: )?Exit code (\d+)\n?/.exec(result.text);
  return failed === null
    ? { output: result.text, exit: result.isError ? "failed" : null }
    : { output: result.text.slice(failed[0].length), exit: `exit ${failed[1]}` };
}

/** How long a command has run; in this browser's own time, as its clock may be another. */
function Elapsed() {
  const [startedAt] = useState(() => Date.now());
  const [now, setNow] = useState(startedAt);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // Not announced: it changes every second.
  return now - startedAt < 2000 ? null : <span aria-live="off">{formatDuration(now - startedAt)}</span>;
}

/** A command, with its output (while it runs, too), how it ended and how long it took. */
export function BashCard({ call }: { call: ToolCall }) {
  const command = subjectOf(call, null) ?? "";
  const description = stringOf(call.input, "description");
  const { output, exit } = outcomeOf(call);
  const running = call.state === "running";
  const text = ((running ? call.output : null) ?? output).replace(/\s+$/, "");
  const duration =
    call.startedAt !== null && call.endedAt !== null
      ? formatDuration(Date.parse(call.endedAt) - Date.parse(call.startedAt))
      : null;
  return (
    <ToolFrame
      call={call}
      open={call.state !== "done" || text.split("\n", 8).length <= 6}
      title={
        <>
          <span className="mr-1.5 text-muted-foreground">$</span>
          <span className="claude-mono">{description ?? (command.split("\n")[0] || "…")}</span>
        </>
      }
      aside={
        <>
          {exit !== null && (
            <span className={cn("mr-2 font-medium", call.state === "failed" && "text-destructive")}>
              {exit}
            </span>
          )}
          {running ? <Elapsed /> : duration}
        </>
      }
    >
      <CodeBlockPlain code={command} language="bash" />
      {call.state !== "writing" && call.state !== "asking" && text !== "" && (
        <CollapsibleOutput
          text={text}
          tail
          render={(shown) => <AnsiText text={shown} />}
          className="border-t bg-muted/40"
        />
      )}
      {call.state === "done" && text === "" && (
        <p className="border-t px-3 py-1.5 text-[11px] text-muted-foreground">No output</p>
      )}
    </ToolFrame>
  );
}
