import type { Db } from "@remote-claude/prisma";
import { ChatEvent } from "@remote-claude/protocol";
import { type ConversationMemory, placeholderOf, titleOf } from "./conversation-fold.ts";

/** Rebuilds from stored events what a recorder that starts in mid-conversation must know. */
export async function loadMemory(
  db: Db,
  conversation: { id: string; title: string | null; state: string },
): Promise<ConversationMemory> {
  const { id, title } = conversation;
  const found = async (kind: ChatEvent["kind"], order: "asc" | "desc") =>
    db.conversationEvent.findFirst({ where: { conversationId: id, kind }, orderBy: { seq: order } });
  const lastOf = (kind: ChatEvent["kind"]) => found(kind, "desc");
  const first = title === null ? null : ChatEvent.safeParse((await found("user-message", "asc"))?.event).data;
  const wordless = first?.kind === "user-message" && titleOf(first.text) === "";
  const placeholder = wordless && placeholderOf(first.attachments) === title ? title : null;
  const memory: ConversationMemory = {
    titled: title !== null && placeholder === null,
    placeholder,
    pending: new Set(),
    prompter: null,
  };
  const prompt = ChatEvent.safeParse((await lastOf("user-message"))?.event);
  if (prompt.success && prompt.data.kind === "user-message") memory.prompter = prompt.data.by;
  if (conversation.state !== "waiting") return memory;
  const turn = await lastOf("turn-started");
  const questions = await db.conversationEvent.findMany({
    where: {
      conversationId: conversation.id,
      kind: { in: ["permission-asked", "permission-answered"] },
      seq: { gt: turn?.seq ?? 0 },
    },
    orderBy: { seq: "asc" },
  });
  for (const row of questions) {
    const event = ChatEvent.safeParse(row.event).data;
    if (event?.kind === "permission-asked") memory.pending.add(event.requestId);
    if (event?.kind === "permission-answered") memory.pending.delete(event.requestId);
  }
  return memory;
}
