import {
  AppError,
  type ChatEvent,
  type ChatEventOf,
  type JournalEntry,
  type TurnResult,
} from "@remote-claude/protocol";
import { z } from "zod";

export interface TurnRequest {
  readonly sessionId: string;
  readonly conversationId: string;
  /** The prompt's; its turn is the one that is followed. */
  readonly messageId: string;
  /** Entries up to here are of earlier turns. */
  readonly afterSeq: number;
}

const AssistantText = z.object({
  type: z.literal("assistant"),
  parent_tool_use_id: z.string().nullish(),
  message: z.object({ content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })) }),
});

/** The text of Claude's message; null for messages of subagents and those without text. */
function textOf(event: ChatEventOf<"sdk">): string | null {
  const parsed = AssistantText.safeParse(event.message);
  if (!parsed.success || parsed.data.parent_tool_use_id) return null;
  const text = parsed.data.message.content
    .flatMap((block) => (block.type === "text" && block.text ? [block.text] : []))
    .join("");
  return text === "" ? null : text;
}

/** Reads a conversation's entries in order and tells when the turn of one message is over. */
export class TurnReader {
  private turnId: string | null = null;
  private text = "";
  private readonly request: TurnRequest;

  constructor(request: TurnRequest) {
    this.request = request;
  }

  /** The result when this entry ends the turn. Throws when the prompt waits in vain. */
  read({ event }: JournalEntry): TurnResult | null {
    if (this.turnId === null) this.assertComes(event);
    if (event.kind === "turn-started" && event.messageId === this.request.messageId)
      this.turnId = event.turnId;
    if (this.turnId === null || !("turnId" in event) || event.turnId !== this.turnId) return null;
    if (event.kind === "sdk") this.text = textOf(event) ?? this.text;
    if (event.kind !== "turn-ended" && event.kind !== "turn-failed") return null;
    return {
      conversationId: this.request.conversationId,
      turnId: this.turnId,
      outcome: event.kind === "turn-ended" ? event.outcome : "failed",
      text: this.text,
      failure: event.kind === "turn-failed" ? { reason: event.reason, message: event.message } : null,
      costUsd: event.costUsd,
      usage: event.usage,
    };
  }

  private assertComes(event: ChatEvent): void {
    if (event.kind === "prompt-removed" && event.messageId === this.request.messageId)
      throw new AppError("conflict", "The message was taken out of the queue before Claude began with it.");
    // It may wait there for days; whoever follows it by a program is told instead.
    if (event.kind === "queue-held" && event.because === "restarted")
      throw new AppError("unavailable", "The session was restarted; the message waits to be sent on.");
    if (event.kind === "queue-held" && event.because === "failed")
      throw new AppError("unavailable", "The turn before failed; the message waits to be sent on.");
  }
}
