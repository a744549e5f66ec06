import { newId } from "@remote-claude/prisma";
import {
  type Actor,
  AppError,
  type ChatDelta,
  type ChatEventOf,
  type JournalEntry,
  type TurnResult,
} from "@remote-claude/protocol";
import { z } from "zod";
import { type AuditActor, record } from "../audit/index.ts";
import { assertConversation, type Chat, createConversation, entriesAfter } from "./service.ts";

export interface TurnRequest {
  readonly sessionId: string;
  readonly conversationId: string;
  /** The prompt's; its turn is the one that is followed. */
  readonly messageId: string;
  /** Entries up to here are of earlier turns. */
  readonly afterSeq: number;
}

export interface TurnListener {
  entry?(entry: JournalEntry): void;
  delta?(delta: ChatDelta): void;
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
class TurnReader {
  private turnId: string | null = null;
  private text = "";
  private readonly request: TurnRequest;

  constructor(request: TurnRequest) {
    this.request = request;
  }

  /** The result when this entry ends the turn. */
  read({ event }: JournalEntry): TurnResult | null {
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
}

/**
 * Follows the turn of one message to its end: what is stored, then what comes, each entry once and in order. It
 * survives a lost agent connection and may be begun again after a restart of the api. Rejects with the signal's
 * reason when that aborts; the turn itself goes on.
 */
export function followTurn(
  chat: Chat,
  request: TurnRequest,
  listener: TurnListener,
  signal: AbortSignal,
): Promise<TurnResult> {
  const { sessionId, conversationId } = request;
  const reader = new TurnReader(request);
  let next = request.afterSeq + 1;
  let reading = false;
  /** Something came while the database was being read: read again. */
  let behind = false;

  return new Promise<TurnResult>((resolve, reject) => {
    const finish = (settle: () => void) => {
      offEntry();
      offDelta();
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const onAbort = () => finish(() => reject(signal.reason));
    const take = (entry: JournalEntry) => {
      next = entry.seq + 1;
      listener.entry?.(entry);
      const result = reader.read(entry);
      if (result !== null) finish(() => resolve(result));
    };
    /** Reads from the database until nothing is missing before what comes live. */
    const catchUp = async () => {
      behind = true;
      if (reading) return;
      reading = true;
      try {
        while (behind && !signal.aborted) {
          behind = false;
          const page = await entriesAfter(chat, sessionId, conversationId, next - 1);
          for (const entry of page.entries) if (entry.seq === next) take(entry);
          behind ||= page.more;
        }
      } catch (error) {
        finish(() => reject(error));
      } finally {
        reading = false;
      }
    };
    const offEntry = chat.recorder.onEntry((_, entry) => {
      if (entry.conversationId !== conversationId || entry.seq < next) return;
      if (entry.seq === next && !reading) take(entry);
      else void catchUp();
    });
    const offDelta = chat.context.agents.onEvent("chat.delta", (session, delta) => {
      if (session === sessionId && delta.conversationId === conversationId) listener.delta?.(delta);
    });
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else void catchUp();
  });
}

/** Sends a prompt, into a new conversation if none is named, and says which turn to follow. */
export async function sendPrompt(
  chat: Chat,
  request: {
    sessionId: string;
    conversationId?: string | undefined;
    messageId?: string;
    text: string;
    actor: Actor;
    /** Who asked, for the audit. */
    auditActor: AuditActor;
  },
): Promise<TurnRequest> {
  const { sessionId, actor } = request;
  const messageId = request.messageId ?? newId();
  const conversationId = request.conversationId ?? newId();
  if (chat.context.agents.info(sessionId) === null) {
    throw new AppError("session_not_ready", "The session is not running, or its agent is just starting.");
  }
  if (request.conversationId === undefined) {
    await createConversation(chat, sessionId, { conversationId, createdById: actor.id });
  } else {
    await assertConversation(chat, sessionId, conversationId);
  }
  await record(chat.context.db, {
    action: "claude.prompted",
    actor: request.auditActor,
    sessionId,
    details: { conversationId, messageId, text: request.text },
  });
  const payload = { conversationId, messageId, text: request.text };
  const { seq } = await chat.context.agents.request(sessionId, "chat.send", payload, { actor });
  return { sessionId, conversationId, messageId, afterSeq: seq - 1 };
}
