import * as z from "zod";
import { Id } from "../ids.ts";
import { command } from "./message.ts";

/** What fills a conversation's context window. */
export const ContextUsage = z.object({
  model: z.string(),
  usedTokens: z.int().nonnegative(),
  windowTokens: z.int().nonnegative(),
  /** Claude Code shortens the conversation by itself from here on; null: it does not. */
  compactsAtTokens: z.int().nonnegative().nullable(),
  parts: z.array(
    z.object({
      name: z.string(),
      tokens: z.int().nonnegative(),
      /** `deferred`: definitions of tools that are loaded when they are needed, outside the window. */
      kind: z.enum(["used", "free", "buffer", "deferred"]),
    }),
  ),
  /** CLAUDE.md and what it brings along. */
  memoryFiles: z.array(z.object({ path: z.string(), tokens: z.int().nonnegative() })),
});
export type ContextUsage = z.infer<typeof ContextUsage>;

export const claudeContext = command("claude.context", {
  to: "agent",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id }),
  reply: ContextUsage,
});
