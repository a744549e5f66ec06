import type { Chat } from "./service.ts";

/** A conversation whose turn never says anything is forgotten when so many are known. */
const maxWaiting = 10_000;

/** Times from the beginning of each turn to its first words. Returns how to stop it. */
export function measureTurns({ context, recorder }: Pick<Chat, "context" | "recorder">): () => void {
  const begun = new Map<string, number>();
  const offEntry = recorder.onEntry((_sessionId, { conversationId, event }) => {
    if (event.kind === "turn-started") {
      if (begun.size < maxWaiting) begun.set(conversationId, performance.now());
    } else if (event.kind === "turn-ended" || event.kind === "turn-failed") begun.delete(conversationId);
  });
  const offDelta = context.agents.onEvent("chat.delta", (_sessionId, { conversationId }) => {
    const at = begun.get(conversationId);
    if (at === undefined) return;
    begun.delete(conversationId);
    context.metrics.firstToken.observe({}, (performance.now() - at) / 1000);
  });
  return () => {
    offEntry();
    offDelta();
  };
}
