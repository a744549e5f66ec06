"use client";

import type { TokenUsage } from "@remote-claude/protocol";
import { formatUsd } from "../../lib/format.ts";
import type { TurnEndItem } from "../model/items.ts";
import { formatTokens } from "../model/notices.ts";
import { formatDuration } from "../model/tool-text.ts";

/** "1.2k in, 340 out" with the whole reckoning as a title. */
export function Figures({
  durationMs,
  costUsd,
  usage,
}: {
  durationMs: number;
  costUsd: number;
  usage: TokenUsage;
}) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const read = inputTokens + cacheReadTokens + cacheWriteTokens;
  return (
    <span
      title={`${inputTokens} tokens read, ${cacheReadTokens} from the cache, ${cacheWriteTokens} into the cache; ${outputTokens} written`}
    >
      {formatDuration(durationMs)} · {formatTokens(read)} in, {formatTokens(outputTokens)} out ·{" "}
      {formatUsd(costUsd)}
    </span>
  );
}

/** The end of a turn: how it ended, how long it took, what it cost. */
export function TurnFooter({ item }: { item: TurnEndItem }) {
  return (
    <p className="mt-2 mb-5 text-[11px] text-muted-foreground">
      {item.outcome === "interrupted" && "Stopped · "}
      <Figures durationMs={item.durationMs} costUsd={item.costUsd} usage={item.usage} />
    </p>
  );
}
