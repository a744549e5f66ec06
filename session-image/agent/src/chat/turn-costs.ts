import type { SDKResultMessage } from "@anthropic-ai/claude-agent-sdk";
import type { TokenUsage } from "@remote-claude/protocol";

export interface Totals {
  readonly costUsd: number;
  readonly usage: TokenUsage;
}

/**
 * What a turn cost, from the running totals in its result. Claude Code counts per conversation (a resumed one goes
 * on from what its transcript saved), subagents included; the difference to the last turn's totals is this turn's.
 */
export function costOf(result: SDKResultMessage, before: Totals): { spent: Totals; after: Totals } {
  const after = { costUsd: result.total_cost_usd, usage: sumOf(result.modelUsage) };
  const nothing = { costUsd: 0, usage: difference(before.usage, before.usage) };
  // A result of a failed start carries zeros: nothing was spent, and the totals stand.
  if (after.costUsd === 0 && Object.keys(result.modelUsage).length === 0)
    return { spent: nothing, after: before };
  // Fewer than before: the count began anew (/clear, or a transcript without totals).
  const restarted = after.costUsd < before.costUsd || after.usage.outputTokens < before.usage.outputTokens;
  if (restarted) return { spent: after, after };
  return {
    spent: { costUsd: after.costUsd - before.costUsd, usage: difference(after.usage, before.usage) },
    after,
  };
}

function sumOf(models: SDKResultMessage["modelUsage"]): TokenUsage {
  const sum = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  for (const usage of Object.values(models)) {
    sum.inputTokens += usage.inputTokens;
    sum.outputTokens += usage.outputTokens;
    sum.cacheReadTokens += usage.cacheReadInputTokens;
    sum.cacheWriteTokens += usage.cacheCreationInputTokens;
  }
  return sum;
}

function difference(after: TokenUsage, before: TokenUsage): TokenUsage {
  const between = (name: keyof TokenUsage) => Math.max(0, after[name] - before[name]);
  return {
    inputTokens: between("inputTokens"),
    outputTokens: between("outputTokens"),
    cacheReadTokens: between("cacheReadTokens"),
    cacheWriteTokens: between("cacheWriteTokens"),
  };
}
