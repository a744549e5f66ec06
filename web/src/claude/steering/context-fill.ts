import type { ContextUsage } from "@remote-claude/protocol";
import { formatTokens } from "../model/notices.ts";

export interface Fill {
  readonly percent: number;
  readonly level: "fine" | "near" | "full";
  /** What comes of it, for people. */
  readonly advice: string;
}

/** From so much of the room on, people are warned. */
const near = 0.8;
const full = 0.95;

/** How full the window is. The room ends where Claude Code shortens by itself, else with the window. */
export function fillOf({ usedTokens, windowTokens, compactsAtTokens }: ContextUsage): Fill {
  const room = compactsAtTokens ?? windowTokens;
  const share = room === 0 ? 0 : usedTokens / room;
  const percent = windowTokens === 0 ? 0 : Math.min(100, Math.round((usedTokens / windowTokens) * 100));
  const level = share >= full ? "full" : share >= near ? "near" : "fine";
  const left = formatTokens(Math.max(0, room - usedTokens));
  const advice =
    compactsAtTokens === null
      ? level === "fine"
        ? "Claude Code does not shorten this conversation by itself."
        : `Nearly full: ${left} tokens are left. Compact it, or start a new conversation.`
      : level === "fine"
        ? `Claude Code shortens the conversation by itself at ${formatTokens(compactsAtTokens)} tokens.`
        : `Nearly full: in ${left} tokens Claude Code shortens the conversation by itself. You can do it now.`;
  return { percent, level, advice };
}

const colors = ["--clay", "--info", "--success", "--warning", "--destructive", "--foreground", "--field"];

/** Of the part that stands at this place of the list. */
export function partColor(index: number): string {
  return `var(${colors[index % colors.length]})`;
}
