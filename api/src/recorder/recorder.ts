import { randomUUID } from "node:crypto";
import type { JournalEntry } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { storableJson } from "../lib/storable.ts";
import type { ConversationChange } from "./conversation-fold.ts";
import { type Lease, SessionRecorder } from "./session-recorder.ts";

/** A session that was not connected for so long is stopped, or gone: what is known of it is read anew. */
const forgottenAfterMs = 60_000;

export interface Recorder {
  /** Under which name this api holds the recorder leases. */
  readonly holder: string;
  /** Calls back for every entry of every session, once and in order. Returns the unsubscribe. */
  onEntry(listener: (sessionId: string, entry: JournalEntry) => void): () => void;
  /** Calls back when changes of conversations are committed. Returns the unsubscribe. */
  onStored(
    listener: (sessionId: string, changes: ReadonlyMap<string, ConversationChange>) => void,
  ): () => void;
  /** Entries after `after` that may not be stored yet, in order. */
  recentAfter(sessionId: string, conversationId: string, after: number): JournalEntry[];
  /** Calls back when this api has the lease of a session that it is connected to, and when no longer (null). */
  onLease(listener: (sessionId: string, lease: Lease | null) => void): () => void;
  stop(): Promise<void>;
}

/** Records every session whose agent this api is connected to. */
export function createRecorder(context: Context): Recorder {
  // The only api of an installation is the same holder after a crash: it need not wait for its own lease to expire.
  const holder = context.config.redisUrl === null ? "the-only-api" : randomUUID();
  const recorders = new Map<string, SessionRecorder>();
  const entryListeners = new Set<(sessionId: string, entry: JournalEntry) => void>();
  const storedListeners = new Set<
    (sessionId: string, changes: ReadonlyMap<string, ConversationChange>) => void
  >();
  const leaseListeners = new Set<(sessionId: string, lease: Lease | null) => void>();
  const events = {
    leased: (sessionId: string, lease: Lease | null) => {
      for (const listener of leaseListeners) listener(sessionId, lease);
    },
    entry: (sessionId: string, entry: JournalEntry) => {
      for (const listener of entryListeners) listener(sessionId, entry);
    },
    stored: (sessionId: string, changes: ReadonlyMap<string, ConversationChange>) => {
      for (const listener of storedListeners) listener(sessionId, changes);
    },
  };

  describe(context, recorders);

  const offConnection = context.agents.onConnectionChange((sessionId, agent) => {
    const known = recorders.get(sessionId);
    if (agent === null) {
      known?.onDisconnected();
      setTimeout(() => {
        if (recorders.get(sessionId) === known && known?.isConnected === false) recorders.delete(sessionId);
      }, forgottenAfterMs).unref();
      return;
    }
    const recorder = known ?? new SessionRecorder(context, sessionId, holder, events);
    recorders.set(sessionId, recorder);
    void recorder.onConnected();
  });
  const offEntry = context.agents.onEvent("chat.entry", (sessionId, entry) => {
    // A tool's output may hold anything, and one character that Postgres refuses would stop the recording for good.
    recorders.get(sessionId)?.onEntry(storableJson(entry));
  });

  return {
    holder,
    onEntry(listener) {
      entryListeners.add(listener);
      return () => entryListeners.delete(listener);
    },
    onLease(listener) {
      leaseListeners.add(listener);
      return () => leaseListeners.delete(listener);
    },
    onStored(listener) {
      storedListeners.add(listener);
      return () => storedListeners.delete(listener);
    },
    recentAfter: (sessionId, conversationId, after) =>
      recorders.get(sessionId)?.recentAfter(conversationId, after) ?? [],
    async stop() {
      offConnection();
      offEntry();
      await Promise.all([...recorders.values()].map((recorder) => recorder.stop()));
    },
  };
}

function describe({ metrics: { all } }: Context, recorders: ReadonlyMap<string, SessionRecorder>): void {
  const each = () => [...recorders.values()];
  all.gauge("remote_claude_agents_connected", "Sessions whose agent this api is connected to.", () => [
    [{}, each().filter((recorder) => recorder.isConnected).length],
  ]);
  all.gauge("remote_claude_recorder_waiting", "Events that wait to be stored.", () => [
    [{}, each().reduce((sum, { waiting }) => sum + waiting.entries, 0)],
  ]);
  all.gauge("remote_claude_recorder_lag_seconds", "How long the first of them has waited.", () => [
    [{}, each().reduce((longest, { waiting }) => Math.max(longest, waiting.lagMs), 0) / 1000],
  ]);
}
