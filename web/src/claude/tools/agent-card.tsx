"use client";

import { useMemo } from "react";
import { foldItems } from "../model/fold.ts";
import type { TimelineItem, ToolCall } from "../model/items.ts";
import { formatTokens } from "../model/notices.ts";
import { readPartialString } from "../model/partial-json.ts";
import { asFields, listOf, numberOf, stringOf } from "../model/sdk.ts";
import { formatDuration, plural } from "../model/tool-text.ts";
import { Markdown } from "../timeline/markdown.tsx";
import { ErrorText } from "./error-text.tsx";
import { useItemView } from "./item-view.ts";
import { ToolFrame } from "./tool-frame.tsx";

/** Whether somewhere inside a question waits: then the card is open, or nobody would see it. */
function hasQuestion(items: readonly TimelineItem[]): boolean {
  return items.some(
    (item) => item.kind === "tool" && (item.call.state === "asking" || hasQuestion(item.call.children)),
  );
}

function reportOf({ result, state, children }: ToolCall): string | null {
  if (state !== "done" || result === null) return null;
  const text = listOf(asFields(result.structured), "content")
    .map((part) => stringOf(asFields(part), "text") ?? "")
    .join("\n")
    // A note between Claude Code and the model.
    .replace(/<tools-used-before-summary>[\s\S]*?<\/tools-used-before-summary>/g, "")
    .trim();
  // The last thing it said stands above already.
  const last = children.findLast((item) => item.kind === "text");
  return text === "" || last?.text.trim() === text ? null : text;
}

/** A subagent: what it was asked, what it says and does, and what it reported. */
export function AgentCard({ call }: { call: ToolCall }) {
  const { input, writing, children, state } = call;
  const ItemView = useItemView();
  const structured = asFields(call.result?.structured);
  const description =
    input === null ? readPartialString(writing ?? "", "description") : stringOf(input, "description");
  const type = input === null ? null : stringOf(input, "subagent_type");
  const prompt = input === null ? readPartialString(writing ?? "", "prompt") : stringOf(input, "prompt");
  const items = useMemo(() => foldItems(children), [children]);
  const tools = numberOf(structured, "totalToolUseCount");
  const duration = numberOf(structured, "totalDurationMs");
  const tokens = numberOf(structured, "totalTokens");
  const report = reportOf(call);
  const figures = [
    tools !== null && plural(tools, "tool call"),
    tokens !== null && `${formatTokens(tokens)} tokens`,
    duration !== null && formatDuration(duration),
  ].filter(Boolean);
  return (
    <ToolFrame
      key={hasQuestion(children) ? "asking" : "calm"}
      call={call}
      open={hasQuestion(children) || state === "running"}
      title={
        <>
          <span className="font-medium">{description ?? "Agent"}</span>
          <span className="ml-1.5 text-muted-foreground">{call.progress ?? type ?? "agent"}</span>
        </>
      }
      aside={figures.length > 0 && figures.join(" · ")}
    >
      {prompt !== null && prompt !== "" && (
        <div className="max-h-40 overflow-y-auto whitespace-pre-wrap border-b bg-muted/40 px-3 py-2 text-muted-foreground">
          {prompt}
        </div>
      )}
      {items.length > 0 && (
        <div className="mx-3 my-2 border-l-2 pl-3">
          {items.map((item) => (
            <ItemView key={item.key} item={item} />
          ))}
        </div>
      )}
      {report !== null && (
        <div className="border-t px-3 py-2">
          <Markdown text={report} />
        </div>
      )}
      {state === "failed" && <ErrorText call={call} />}
    </ToolFrame>
  );
}
