import * as z from "zod";
import { ChatAttachment, type ChatEvent, QueueHold } from "./chat-events.ts";
import { Actor, Id } from "./ids.ts";

/** A prompt that Claude has not begun with. */
export const QueuedPrompt = z.object({
  messageId: Id,
  text: z.string(),
  attachments: z.array(ChatAttachment),
  by: Actor,
});
export type QueuedPrompt = z.infer<typeof QueuedPrompt>;

/** What waits in a conversation, first come first, and why it does not go on by itself, if it does not. */
export const PromptQueue = z.object({
  prompts: z.array(QueuedPrompt),
  held: z.object({ because: QueueHold, by: Actor.nullable() }).nullable(),
});
export type PromptQueue = z.infer<typeof PromptQueue>;

export const emptyQueue: PromptQueue = { prompts: [], held: null };

/**
 * The queue after an event: the journal is its only truth, so agent and page come to the same one. What is said
 * of a prompt that does not wait (any more) changes nothing.
 */
export function queueAfter(queue: PromptQueue, event: ChatEvent): PromptQueue {
  const { prompts } = queue;
  switch (event.kind) {
    case "user-message": {
      if (prompts.some(({ messageId }) => messageId === event.messageId)) return queue;
      const { messageId, text, attachments, by } = event;
      return { ...queue, prompts: [...prompts, { messageId, text, attachments, by }] };
    }
    case "turn-started":
    case "prompt-removed":
      return withPrompts(queue, without(prompts, event.messageId));
    case "prompt-edited": {
      const { messageId, text, attachments } = event;
      const edited = prompts.map((prompt) =>
        prompt.messageId === messageId ? { ...prompt, text, attachments } : prompt,
      );
      return withPrompts(queue, edited);
    }
    case "prompt-moved":
      return withPrompts(queue, moved(prompts, event.messageId, event.before));
    case "queue-held":
      return { ...queue, held: { because: event.because, by: event.by } };
    case "queue-released":
      return { ...queue, held: null };
    // What waited in the other conversation waits there.
    case "forked":
      return emptyQueue;
    default:
      return queue;
  }
}

function withPrompts(queue: PromptQueue, prompts: QueuedPrompt[]): PromptQueue {
  return { ...queue, prompts };
}

function without(prompts: readonly QueuedPrompt[], messageId: string): QueuedPrompt[] {
  return prompts.filter((prompt) => prompt.messageId !== messageId);
}

/** Puts a prompt in front of another; at the end where that one does not wait. */
function moved(prompts: QueuedPrompt[], messageId: string, before: string | null): QueuedPrompt[] {
  const prompt = prompts.find((candidate) => candidate.messageId === messageId);
  if (prompt === undefined || messageId === before) return prompts;
  const others = without(prompts, messageId);
  const at = others.findIndex((candidate) => candidate.messageId === before);
  return at === -1 ? [...others, prompt] : [...others.slice(0, at), prompt, ...others.slice(at)];
}
