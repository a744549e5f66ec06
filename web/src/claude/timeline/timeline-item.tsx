"use client";

import {
  GitForkIcon,
  InfoIcon,
  type LucideIcon,
  MinimizeIcon,
  Settings2Icon,
  SquareTerminalIcon,
  TriangleAlertIcon,
} from "lucide-react";
import { memo } from "react";
import { SetAside } from "../going-back/set-aside.tsx";
import type { NoticeItem, TextItem, TimelineItem } from "../model/items.ts";
import { ToolGroup } from "../tools/small-card.tsx";
import { ToolCard } from "../tools/tool-card.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Markdown } from "./markdown.tsx";
import { PromptMessage } from "./prompt-message.tsx";
import { RetryLine } from "./retry-line.tsx";
import { RowGuard } from "./row-guard.tsx";
import { Thinking } from "./thinking.tsx";
import { TurnFailureCard } from "./turn-failure-card.tsx";
import { TurnFooter } from "./turn-footer.tsx";

const ClaudeText = memo(function ClaudeText({ item }: { item: TextItem }) {
  const { text, streaming, aborted } = item;
  return (
    <div className="group/text relative my-1" aria-busy={streaming}>
      <div className={streaming ? "claude-caret" : undefined}>
        <Markdown text={text} streaming={streaming} />
      </div>
      {aborted && <p className="mt-1 text-[11px] text-muted-foreground">Stopped here</p>}
      {!streaming && (
        // Where nothing hovers it stands below the text.
        <div className="pointer-events-none absolute -top-1 right-0 flex rounded-md bg-sidebar opacity-0 transition-opacity focus-within:pointer-events-auto focus-within:opacity-100 group-hover/text:pointer-events-auto group-hover/text:opacity-100 [@media(hover:none)]:pointer-events-auto [@media(hover:none)]:static [@media(hover:none)]:-ml-1 [@media(hover:none)]:opacity-100">
          <CopyButton text={text} label="Copy message" />
        </div>
      )}
    </div>
  );
});

const icons: Record<NoticeItem["icon"], LucideIcon> = {
  compact: MinimizeIcon,
  settings: Settings2Icon,
  info: InfoIcon,
  task: SquareTerminalIcon,
  warning: TriangleAlertIcon,
  fork: GitForkIcon,
};

function Notice({ item }: { item: NoticeItem }) {
  const Icon = icons[item.icon];
  return (
    <div className="my-1 text-[11.5px] text-muted-foreground">
      <p className="flex items-start gap-2">
        <Icon aria-hidden className="mt-0.5 size-3.5 shrink-0" />
        <span className="[overflow-wrap:anywhere]">{item.text}</span>
      </p>
      {item.detail !== null && (
        <details className="mt-1 ml-5.5">
          <summary className="cursor-pointer">Details</summary>
          <pre className="claude-mono mt-1 max-h-60 overflow-auto whitespace-pre-wrap rounded-md border bg-surface p-2">
            {item.detail}
          </pre>
        </details>
      )}
    </div>
  );
}

/** One item of the talk. Drawn again only when the item itself is another one. */
export const TimelineItemView = memo(function TimelineItemView({ item }: { item: TimelineItem }) {
  return (
    <RowGuard item={item}>
      <Drawn item={item} />
    </RowGuard>
  );
});

function Drawn({ item }: { item: TimelineItem }) {
  switch (item.kind) {
    case "prompt":
      return <PromptMessage item={item} />;
    case "text":
      return <ClaudeText item={item} />;
    case "thinking":
      return <Thinking item={item} />;
    case "tool":
      return <ToolCard call={item.call} />;
    case "tool-group":
      return <ToolGroup calls={item.calls} />;
    case "notice":
      return <Notice item={item} />;
    case "turn-end":
      return <TurnFooter item={item} />;
    case "turn-failure":
      return <TurnFailureCard item={item} />;
    case "set-aside":
      return <SetAside item={item} />;
    case "retry":
      return <RetryLine item={item} />;
  }
}
