import type { Conversation, PromptQueue } from "@remote-claude/protocol";
import type { ConversationState } from "./conversation-state.ts";
import { foldItems } from "./fold.ts";
import type { PermissionQuestion, PromptItem, TimelineItem } from "./items.ts";
import { withPartials } from "./live-items.ts";
import { share, shareByKey } from "./share.ts";
import { buildTimeline, type Timeline } from "./timeline.ts";
import type { Todo } from "./todos.ts";

/** What the pane draws of a conversation. */
export interface ConversationView {
  readonly conversation: Conversation | null;
  readonly items: readonly TimelineItem[];
  /** What waits for the running turn, or for a person to let it go on. */
  readonly queue: PromptQueue;
  /** Prompts on their way to the server; oldest first. */
  readonly waiting: readonly PromptItem[];
  readonly pending: readonly PermissionQuestion[];
  readonly working: boolean;
  readonly turnStartedAt: string | null;
  readonly compacting: boolean;
  readonly todos: readonly Todo[] | null;
  readonly cwd: string | null;
  readonly model: string | null;
  /** Nothing lies before the first item. */
  readonly complete: boolean;
  /** The server has answered at least once. */
  readonly known: boolean;
}

/**
 * Derives the view of a state, step by step: the timeline is built again only when entries came, and items that
 * did not change keep their identity, so that they are not drawn again.
 */
export class ViewDeriver {
  #entries: ConversationState["log"]["entries"] | null = null;
  #queue: ConversationState["queue"] = null;
  #timeline: Timeline = buildTimeline([]);
  #items: readonly TimelineItem[] = [];

  derive(state: ConversationState): ConversationView {
    if (this.#entries !== state.log.entries || this.#queue !== state.queue) {
      this.#entries = state.log.entries;
      this.#queue = state.queue;
      const next = buildTimeline(state.log.entries, state.queue);
      this.#timeline = {
        ...share(this.#timeline, { ...next, items: [] }),
        items: shareByKey(this.#timeline.items, next.items),
      };
    }
    const { items, queue, pending, turn, cwd, model, compacting, todos } = this.#timeline;
    this.#items = shareByKey(this.#items, foldItems(withPartials(items, state.partials)));
    const { conversation } = state;
    return {
      conversation,
      items: this.#items,
      queue,
      waiting: state.outbox.map(outgoingItem),
      pending,
      working: turn === undefined ? conversation !== null && conversation.state !== "idle" : turn !== null,
      turnStartedAt: turn?.startedAt ?? null,
      compacting,
      todos,
      cwd,
      model,
      complete: state.complete,
      known: state.log.known,
    };
  }
}

function outgoingItem({
  messageId,
  text,
  attachments,
  error,
}: ConversationState["outbox"][number]): PromptItem {
  return {
    kind: "prompt",
    key: `prompt:${messageId}`,
    messageId,
    text,
    attachments,
    by: null,
    at: null,
    state: error === null ? "sending" : "failed",
    error,
  };
}
