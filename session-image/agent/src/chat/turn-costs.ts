import type { SDKResultMessage } from "@anthropic-ai/claude-agent-sdk";
import type { TokenUsage } from "@remote-claude/protocol";

export interface Totals {
  readonly costUsd: number;
  readonly usage: TokenUsage;
}

/**
 * What a turn cost, from the running totals in its result. Claude Code counts per conversation (a resumed one goes
 * on from what its transcript saved), subagents included; the difference to the last turn's totals is this turn's.
 * A process that was killed saved nothing, and the next counts from an older total or from zero: then the
 * difference is less than what the result says of the turn alone, and that is taken instead.
 */
export function costOf(result: SDKResultMessage, before: Totals): { spent: Totals; after: Totals } {
  const after = { costUsd: result.total_cost_usd, usage: sumOf(result.modelUsage) };
  const spent = { costUsd: after.costUsd - before.costUsd, usage: difference(after.usage, before.usage) };
  // A result of a failed start carries zeros: nothing was spent, and the totals stand.
  if (after.costUsd === 0 && Object.keys(result.modelUsage).length === 0) {
    return { spent: { costUsd: 0, usage: difference(before.usage, before.usage) }, after: before };
  }
  const own = ownUsage(result);
  const goesOn =
    spent.costUsd >= 0 &&
    spent.usage.inputTokens >= own.inputTokens &&
    spent.usage.outputTokens >= own.outputTokens;
  if (goesOn) return { spent, after };
  const share = Math.min(1, (own.inputTokens + own.outputTokens) / Math.max(1, tokens(after.usage)));
  return { spent: { costUsd: after.costUsd * share, usage: own }, after };
}

const tokens = ({ inputTokens, outputTokens }: TokenUsage) => inputTokens + outputTokens;

/** Of the main loop in this turn, without subagents. */
function ownUsage({ usage }: SDKResultMessage): TokenUsage {
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens,
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
