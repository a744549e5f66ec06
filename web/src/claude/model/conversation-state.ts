import type { ChatDelta, Conversation, JournalEntry, QueueSnapshot } from "@remote-claude/protocol";
import { addEntries, addOlder, addSnapshot, type EntryLog, emptyLog, hasGap, keepLast } from "./entry-log.ts";
import type { Attachments } from "./items.ts";
import {
  addDeltas,
  addPartialsSnapshot,
  type Finished,
  finish,
  hasHole,
  markStale,
  noPartials,
  nothingFinished,
  type Partials,
} from "./partials.ts";

/** A prompt that this page has sent and that has not come back as an entry yet. */
export interface Outgoing {
  readonly messageId: string;
  readonly text: string;
  readonly attachments: Attachments;
  /** Why sending failed; null while it is on its way. */
  readonly error: string | null;
}

/** All that the page holds of one conversation. */
export interface ConversationState {
  readonly conversation: Conversation | null;
  readonly log: EntryLog;
  readonly partials: Partials;
  readonly finished: Finished;
  readonly outbox: readonly Outgoing[];
  /** What the server last said of the queue; entries after its seq come on top. */
  readonly queue: QueueSnapshot | null;
  /** Nothing lies before the loaded entries. */
  readonly complete: boolean;
}

export const emptyConversation: ConversationState = {
  conversation: null,
  log: emptyLog,
  partials: noPartials,
  finished: nothingFinished,
  outbox: [],
  queue: null,
  complete: false,
};

export type ConversationAction =
  | { type: "entries"; entries: readonly JournalEntry[] }
  | { type: "deltas"; deltas: readonly ChatDelta[] }
  /** The page is about to ask where things stand. */
  | { type: "asking" }
  | {
      type: "snapshot";
      after: number | null;
      conversation: Conversation;
      entries: readonly JournalEntry[];
      more: boolean;
      partials: readonly ChatDelta[];
      queue?: QueueSnapshot | null | undefined;
    }
  | { type: "older"; entries: readonly JournalEntry[] }
  | { type: "conversation"; conversation: Conversation }
  | { type: "sending"; message: Omit<Outgoing, "error"> }
  | { type: "send-failed"; messageId: string; error: string }
  | { type: "discard"; messageId: string }
  | { type: "trim"; count: number };

/** The one way in which the state changes. */
export function reduceConversation(state: ConversationState, action: ConversationAction): ConversationState {
  switch (action.type) {
    case "entries":
      return withLog(state, addEntries(state.log, action.entries));
    case "deltas":
      return { ...state, partials: addDeltas(state.partials, action.deltas, state.finished) };
    case "asking":
      return { ...state, partials: markStale(state.partials) };
    case "snapshot":
      return takeSnapshot(state, action);
    case "older": {
      const log = addOlder(state.log, action.entries);
      const complete = action.entries.length === 0 || log.entries[0]?.seq === 1;
      return { ...state, log, complete };
    }
    case "conversation":
      return { ...state, conversation: action.conversation };
    case "sending": {
      const others = state.outbox.filter(({ messageId }) => messageId !== action.message.messageId);
      return { ...state, outbox: [...others, { ...action.message, error: null }] };
    }
    case "send-failed":
      return {
        ...state,
        outbox: state.outbox.map((message) =>
          message.messageId === action.messageId ? { ...message, error: action.error } : message,
        ),
      };
    case "discard":
      return { ...state, outbox: state.outbox.filter(({ messageId }) => messageId !== action.messageId) };
    case "trim": {
      const log = keepLast(state.log, action.count);
      return log === state.log ? state : { ...state, log, complete: false };
    }
  }
}

function takeSnapshot(
  state: ConversationState,
  action: Extract<ConversationAction, { type: "snapshot" }>,
): ConversationState {
  const fresh = withLog(state, addSnapshot(state.log, action.after, action.entries));
  const first = fresh.log.entries[0]?.seq;
  return {
    ...fresh,
    conversation: action.conversation,
    queue: action.queue ?? fresh.queue,
    complete: fresh.complete || first === 1 || (first === undefined && !action.more),
    partials: action.more
      ? fresh.partials
      : addPartialsSnapshot(fresh.partials, action.partials, fresh.finished),
  };
}

/** Draws the conclusions of entries that were added at the end. */
function withLog(state: ConversationState, log: EntryLog): ConversationState {
  if (log === state.log) return state;
  const last = state.log.entries.at(-1)?.seq ?? 0;
  let first = log.entries.length;
  while (first > 0 && (log.entries[first - 1]?.seq ?? 0) > last) first -= 1;
  const added = log.entries.slice(first);
  const arrived = new Set(
    added.flatMap(({ event }) => (event.kind === "user-message" ? [event.messageId] : [])),
  );
  return {
    ...state,
    log,
    outbox:
      arrived.size === 0 ? state.outbox : state.outbox.filter(({ messageId }) => !arrived.has(messageId)),
    ...finish(state.partials, state.finished, added),
  };
}

/** Something is missing that only the server can give. */
export function needsSnapshot(state: ConversationState): boolean {
  return hasGap(state.log) || hasHole(state.partials);
}
