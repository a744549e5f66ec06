import type { Query } from "@anthropic-ai/claude-agent-sdk";
import type { Actor, ChatEventOf, PermissionMode, Steering } from "@remote-claude/protocol";

/** What people chose for a conversation. */
export interface ClaudeSettings {
  readonly model: string | null;
  readonly permissionMode: PermissionMode;
  readonly steering: Steering;
}

/** The journal's entry of these settings. */
export function configuredEvent(
  { model, permissionMode, steering }: ClaudeSettings,
  by: Actor | null,
): ChatEventOf<"configured"> {
  return { kind: "configured", model, permissionMode, ...steering, by };
}

/** Tells a process of effort and thinking; both hold from its next request on. */
export async function steer(query: Query, before: Steering, after: Steering): Promise<void> {
  if (after.effort !== before.effort) await query.applyFlagSettings({ effortLevel: after.effort });
  if (after.thinking !== before.thinking) await query.setMaxThinkingTokens(after.thinking ? null : 0);
}
