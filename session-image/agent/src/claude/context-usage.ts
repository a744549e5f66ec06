import type { SDKControlGetContextUsageResponse } from "@anthropic-ai/claude-agent-sdk";
import type { ContextUsage } from "@remote-claude/protocol";

const maxParts = 30;
const maxFiles = 100;
const count = (tokens: number | undefined) => Math.max(0, Math.round(tokens ?? 0));

/** Claude Code's reckoning, as far as people look at it. */
export function contextUsageOf(answer: SDKControlGetContextUsageResponse): ContextUsage {
  const { autoCompactThreshold, isAutoCompactEnabled } = answer;
  return {
    model: answer.model,
    usedTokens: count(answer.totalTokens),
    windowTokens: count(answer.rawMaxTokens),
    compactsAtTokens:
      isAutoCompactEnabled && autoCompactThreshold !== undefined ? count(autoCompactThreshold) : null,
    parts: answer.categories
      .filter(({ tokens }) => tokens > 0)
      .slice(0, maxParts)
      .map(({ name, tokens, kind }) => ({ name: name.slice(0, 100), tokens: count(tokens), kind })),
    memoryFiles: answer.memoryFiles
      .slice(0, maxFiles)
      .map(({ path, tokens }) => ({ path: path.slice(0, 4096), tokens: count(tokens) })),
  };
}
