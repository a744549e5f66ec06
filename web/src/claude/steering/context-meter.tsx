"use client";

import type { ContextUsage, Conversation } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { MinimizeIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "../../components/ui/popover.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import { toast } from "../../lib/toast.ts";
import { cn } from "../../lib/utils.ts";
import { useCommand } from "../../workbench/commands.ts";
import { formatTokens } from "../model/notices.ts";
import { type Fill, fillOf, partColor } from "./context-fill.ts";

/** While Claude works the window fills; every answer is a look at Claude Code's own reckoning. */
const whileWorkingMs = 15_000;

function useContextUsage(sessionId: string, conversation: Conversation, ready: boolean) {
  const { conversationId, state, lastSeq, model } = conversation;
  return useQuery({
    // Anew whenever something has happened; what was known stays in sight meanwhile.
    queryKey: ["claude-context", sessionId, conversationId, state, lastSeq, model],
    queryFn: () => live.command("claude.context", sessionId, { conversationId }, { offline: "fail" }),
    enabled: ready,
    retry: false,
    placeholderData: (previous, query) => (query?.queryKey[2] === conversationId ? previous : undefined),
    refetchInterval: state === "idle" ? false : whileWorkingMs,
  });
}

interface MeterProps {
  readonly sessionId: string;
  readonly conversation: Conversation;
  readonly canUse: boolean;
  /** The session's agent can be asked. */
  readonly ready: boolean;
}

/** How full the conversation's context window is, with what fills it and the way to shorten it. */
export function ContextMeter({ sessionId, conversation, canUse, ready }: MeterProps) {
  const usage = useContextUsage(sessionId, conversation, ready);
  const [open, setOpen] = useState(false);
  const compact = async () => {
    setOpen(false);
    const { conversationId } = conversation;
    try {
      await live.command("chat.send", sessionId, { conversationId, messageId: newId(), text: "/compact" });
    } catch (error) {
      toast.error(messageOf(error));
    }
  };
  useCommand({
    id: "claude.compact",
    title: "Claude: Compact the conversation",
    run: () => (canUse && ready ? compact() : undefined),
  });
  if (usage.data === undefined) return null;
  const fill = fillOf(usage.data);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button
          variant="quiet"
          size="sm"
          aria-label={`Context: ${fill.percent} percent used${fill.level === "fine" ? "" : ", nearly full"}`}
          className={cn(
            "gap-1 px-1.5 text-[11px] tabular-nums",
            fill.level === "near" && "text-warning",
            fill.level === "full" && "text-destructive",
          )}
        >
          <Ring percent={fill.percent} />
          {fill.percent}%
        </Button>
      </PopoverTrigger>
      <PopoverContent
        align="end"
        aria-label="Context window"
        className="w-80 max-w-[calc(100vw-1rem)] text-xs"
      >
        <ContextDetails usage={usage.data} fill={fill} />
        {canUse && (
          <Button size="sm" className="mt-3 w-full" disabled={!ready} onClick={() => void compact()}>
            <MinimizeIcon className="size-3.5" /> Compact the conversation
          </Button>
        )}
      </PopoverContent>
    </Popover>
  );
}

function Ring({ percent }: { percent: number }) {
  const around = 2 * Math.PI * 6;
  return (
    <svg aria-hidden viewBox="0 0 16 16" className="size-3.5 -rotate-90">
      <circle cx="8" cy="8" r="6" fill="none" strokeWidth="2.5" className="stroke-border-strong" />
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        strokeWidth="2.5"
        stroke="currentColor"
        strokeDasharray={`${(Math.min(100, percent) / 100) * around} ${around}`}
      />
    </svg>
  );
}

function ContextDetails({ usage, fill }: { usage: ContextUsage; fill: Fill }) {
  const used = usage.parts.filter(({ kind }) => kind === "used");
  const shown = [...used, ...usage.parts.filter(({ kind }) => kind === "buffer" || kind === "free")];
  const deferred = usage.parts.filter(({ kind }) => kind === "deferred");
  return (
    <>
      <p className="font-medium text-[13px]">Context window</p>
      <p className="mt-0.5 text-muted-foreground">
        {formatTokens(usage.usedTokens)} of {formatTokens(usage.windowTokens)} tokens · {usage.model}
      </p>
      <div aria-hidden className="mt-2 flex h-2 overflow-hidden rounded-full bg-hover">
        {used.map(({ name, tokens }, index) => (
          <span
            key={name}
            style={{
              width: `${(tokens / Math.max(1, usage.windowTokens)) * 100}%`,
              background: partColor(index),
            }}
          />
        ))}
      </div>
      <ul className="mt-2.5 flex flex-col gap-1">
        {shown.map(({ name, tokens, kind }, index) => (
          <li key={name} className="flex items-center gap-2">
            <span
              aria-hidden
              className={cn("size-2 shrink-0 rounded-full", kind !== "used" && "border border-border-strong")}
              style={kind === "used" ? { background: partColor(index) } : undefined}
            />
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span className="text-muted-foreground tabular-nums">{formatTokens(tokens)}</span>
          </li>
        ))}
      </ul>
      {deferred.length > 0 && (
        <p className="mt-2 text-[11px] text-muted-foreground">
          Loaded when needed:{" "}
          {deferred
            .map(({ name, tokens }) => `${name.replace(" (deferred)", "")} ${formatTokens(tokens)}`)
            .join(", ")}
        </p>
      )}
      <p className={cn("mt-2 text-[11px]", fill.level === "fine" ? "text-muted-foreground" : "text-warning")}>
        {fill.advice}
      </p>
    </>
  );
}
