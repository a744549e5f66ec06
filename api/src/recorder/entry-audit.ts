import { createHash } from "node:crypto";
import type { JournalEntry } from "@remote-claude/protocol";
import { z } from "zod";
import type { AuditEntry } from "../audit/index.ts";
import type { ConversationMemory } from "./conversation-fold.ts";

const AssistantMessage = z.object({
  type: z.literal("assistant"),
  message: z.object({ content: z.array(z.looseObject({ type: z.string() })) }),
});
const ToolUse = z.object({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
});

/** The input itself may hold anything; its digest tells whether two were the same. */
const digest = (input: unknown) =>
  createHash("sha256")
    .update(JSON.stringify(input) ?? "")
    .digest("hex");

function toolUses(message: unknown): z.infer<typeof ToolUse>[] {
  const assistant = AssistantMessage.safeParse(message);
  if (!assistant.success) return [];
  return assistant.data.message.content.flatMap((block) => ToolUse.safeParse(block).data ?? []);
}

/** The audit rows that belong to a journal entry, to be written in the transaction that stores it. */
export function auditEntriesOf(
  sessionId: string,
  entry: JournalEntry,
  memory: ConversationMemory,
): AuditEntry[] {
  const { event, conversationId, seq } = entry;
  const claude = { actor: { kind: "claude", userId: memory.prompter?.id ?? null }, sessionId } as const;
  const where = { conversationId, seq };
  switch (event.kind) {
    case "sdk":
      return toolUses(event.message).map(({ id, name, input }) => ({
        ...claude,
        action: "claude.tool-used",
        target: name,
        details: { ...where, toolUseId: id, inputSha256: digest(input) },
      }));
    case "permission-asked":
      return [
        {
          ...claude,
          action: "claude.permission-asked",
          target: event.toolName,
          details: { ...where, requestId: event.requestId, inputSha256: digest(event.input) },
        },
      ];
    case "permission-answered":
      // A person's answer is recorded where it comes in, in that person's name: the agent's word is not enough.
      if (event.by !== null) return [];
      return [
        {
          actor: { kind: "system" },
          sessionId,
          action: "claude.permission-answered",
          target: event.decision,
          details: { ...where, requestId: event.requestId },
        },
      ];
    case "turn-ended":
      return [
        {
          ...claude,
          action: "claude.turn-ended",
          target: event.outcome,
          details: { ...where, turnId: event.turnId, costUsd: event.costUsd, ...event.usage },
        },
      ];
    case "turn-failed":
      return [
        {
          ...claude,
          action: "claude.turn-ended",
          result: "failed",
          target: event.reason,
          details: { ...where, turnId: event.turnId, costUsd: event.costUsd, ...event.usage },
        },
      ];
    default:
      return [];
  }
}
