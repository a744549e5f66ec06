import { AppError, isModelAllowed, type OfferedModel } from "@remote-claude/protocol";
import { readSettings } from "../settings/index.ts";
import type { Chat } from "./service.ts";

/** What the organisation and the session's owner are held to; an empty list allows all. */
async function listsOf({ context }: Chat, sessionId: string): Promise<(readonly string[])[]> {
  const { allowedModels } = await readSettings(context, context.db);
  const session = await context.db.session.findUnique({
    where: { id: sessionId },
    select: { owner: { select: { allowedModels: true } } },
  });
  return [allowedModels, session?.owner.allowedModels ?? []].filter((list) => list.length > 0);
}

const allowedBy = (lists: readonly (readonly string[])[], model: string) =>
  lists.every((list) => isModelAllowed(model, list));

/** The models that Claude Code offers and that egress will let through for this session. */
export async function offeredModels(chat: Chat, sessionId: string): Promise<{ models: OfferedModel[] }> {
  const lists = await listsOf(chat, sessionId);
  const { models } = await chat.context.agents.request(sessionId, "chat.offered-models", {});
  return { models: models.filter(({ value, resolved }) => allowedBy(lists, resolved ?? value)) };
}

/** Refuses a model before Claude Code takes it; egress would refuse each of its requests. */
export async function assertModelAllowed(
  chat: Chat,
  sessionId: string,
  model: string | null | undefined,
): Promise<void> {
  if (model === undefined || model === null) return;
  const lists = await listsOf(chat, sessionId);
  if (lists.length === 0 || allowedBy(lists, model)) return;
  const { models } = await chat.context.agents.request(sessionId, "chat.offered-models", {});
  const resolved = models.find(({ value }) => value === model)?.resolved ?? model;
  if (allowedBy(lists, resolved)) return;
  throw new AppError("forbidden", `The model ${model} is not among those that may be used here.`);
}

/**
 * Claude Code's own choice of model may be one that this session may not use: then the first that it may use is
 * chosen for the conversation, before its prompt goes out and is refused.
 */
export async function ensureModelAllowed(
  chat: Chat,
  sessionId: string,
  conversation: { readonly id: string; readonly model: string | null },
): Promise<void> {
  if (conversation.model !== null) return;
  const lists = await listsOf(chat, sessionId);
  if (lists.length === 0) return;
  const { models } = await chat.context.agents.request(sessionId, "chat.offered-models", {});
  const own = models.find(({ value }) => value === "default");
  if (own === undefined || allowedBy(lists, own.resolved ?? own.value)) return;
  const first = models.find(({ value, resolved }) => allowedBy(lists, resolved ?? value));
  // Where none is left, egress says so.
  if (first === undefined) return;
  const change = { conversationId: conversation.id, model: first.value };
  await chat.context.agents.request(sessionId, "chat.configure", change);
}
