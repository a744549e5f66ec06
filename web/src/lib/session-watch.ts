import { type AgentInfo, AppError, type PresentPerson, type Session } from "@remote-claude/protocol";
import type { z } from "zod";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type Live, live as pageLive } from "./live.ts";

/** What a page knows of the session it watches. */
export interface WatchedSession {
  /** null until the first answer. */
  session: Session | null;
  /** null while no agent is connected: commands to it fail then. */
  agent: z.infer<typeof AgentInfo> | null;
  /**
   * Counts how often an agent has become reachable for this page: after a reconnect, or when the agent came
   * back. Readers (terminal.attach, chat.subscribe, lists) begin again whenever it changes. 0: not yet.
   */
  epoch: number;
  deleted: boolean;
  /** The person was taken out of it, or left. */
  accessEnded: boolean;
  /** Who has it open now, this person among them. */
  people: readonly PresentPerson[];
  /** Why watching fails, e.g. `not_found`. */
  error: AppError | null;
}

interface Watch {
  store: StoreApi<WatchedSession>;
  users: number;
  /** null while nobody watches. */
  stop: (() => void) | null;
}

/** Watches sessions, each once however many parts of the page ask, and again after each reconnect. */
export class SessionWatches {
  readonly #live: Live;
  readonly #watches = new Map<string, Watch>();

  constructor(live: Live) {
    this.#live = live;
  }

  /** The store of a session, whether it is being watched or not yet. */
  store(sessionId: string): StoreApi<WatchedSession> {
    return this.#watch(sessionId).store;
  }

  /** Begins to watch before anything is drawn; whoever subscribes first takes the watch over, and ends it. */
  begin(sessionId: string): void {
    const watch = this.#watch(sessionId);
    watch.stop ??= this.#start(sessionId, watch.store);
  }

  /** Watches until what it returns is called. */
  subscribe(sessionId: string): () => void {
    const watch = this.#watch(sessionId);
    watch.users += 1;
    this.begin(sessionId);
    return () => {
      watch.users -= 1;
      if (watch.users > 0) return;
      watch.stop?.();
      watch.stop = null;
      if (this.#live.connection.getState().status === "connected") {
        this.#live.command("session.unwatch", sessionId, {}).catch(() => undefined);
      }
    };
  }

  #watch(sessionId: string): Watch {
    let watch = this.#watches.get(sessionId);
    if (watch === undefined) {
      const store = createStore<WatchedSession>(() => ({
        session: null,
        agent: null,
        epoch: 0,
        deleted: false,
        accessEnded: false,
        people: [],
        error: null,
      }));
      watch = { store, users: 0, stop: null };
      this.#watches.set(sessionId, watch);
    }
    return watch;
  }

  #start(sessionId: string, store: StoreApi<WatchedSession>): () => void {
    let stopped = false;
    const reached = (agent: WatchedSession["agent"]) =>
      store.setState(({ epoch }) => ({ agent, epoch: agent === null ? epoch : epoch + 1 }));
    const ends = [
      this.#live.onConnected(() => {
        this.#live
          .command("session.watch", sessionId, {})
          .then(({ session, agent }) => {
            if (stopped) return;
            store.setState({ session, accessEnded: false, error: null });
            reached(agent);
          })
          .catch((error: unknown) => {
            // A connection that broke again brings its own next try.
            if (stopped || !(error instanceof AppError) || error.code === "unavailable") return;
            store.setState({ error });
          });
      }),
      this.#live.on("session.changed", sessionId, ({ session }) => store.setState({ session })),
      this.#live.on("session.agent-changed", sessionId, ({ agent }) => reached(agent)),
      this.#live.on("session.deleted", sessionId, () => store.setState({ deleted: true, agent: null })),
      this.#live.on("session.access-ended", sessionId, () =>
        store.setState({ accessEnded: true, agent: null }),
      ),
      this.#live.on("session.presence", sessionId, ({ people }) => store.setState({ people })),
      this.#live.connection.subscribe(({ status }) => {
        if (status !== "connected" && store.getState().agent !== null) store.setState({ agent: null });
      }),
    ];
    return () => {
      stopped = true;
      for (const end of ends) end();
    };
  }
}

/** The page's watches. */
export const sessionWatches = new SessionWatches(pageLive);
