import type { ChangeBase } from "@remote-claude/protocol";
import { useEffect, useRef } from "react";
import * as z from "zod";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { messageOf } from "../../lib/errors.ts";
import { useSession } from "../../lib/hooks.ts";
import { live } from "../../lib/live.ts";
import { readPreference, writePreference } from "../../lib/preferences.ts";
import { useWorkbench } from "../store.ts";
import { type BaseKind, type ChangesState, resetChanges, useChangesStore } from "./changes-store.ts";
import { ReviewComment } from "./comments.ts";

const settleMs = 300;
/** Under changes that never pause it is asked at least this often. */
const maxWaitMs = 2_000;

const Remembered = z.object({
  base: z.enum(["commit", "conversation"]),
  accepted: z.array(z.string()).max(10_000),
  comments: z.array(ReviewComment).max(1_000),
});

/** What the workspace is compared with; null while no conversation is known that it could be. */
export function baseOf(kind: BaseKind, conversationId: string | null): ChangeBase | null {
  if (kind === "commit") return { kind };
  return conversationId === null ? null : { kind, conversationId };
}

/** Comments that are not sent and what was accepted outlive the page. */
function useMemory(sessionId: string): void {
  const { id: userId } = useCurrentUser();
  useEffect(() => {
    const name = `changes.${sessionId}`;
    const nothing = { base: "commit" as const, accepted: [], comments: [] };
    resetChanges(readPreference(userId, name, Remembered, nothing));
    return useChangesStore.subscribe((state, before) => {
      const kept = ({ base, accepted, comments }: ChangesState) => [base, accepted, comments];
      if (kept(state).some((value, index) => value !== kept(before)[index]))
        writePreference(userId, name, {
          base: state.base,
          accepted: state.accepted,
          comments: state.comments,
        });
    });
  }, [sessionId, userId]);
}

/** Asks for the changes once somebody wants to see them, and again whenever something happens. */
export function useChanges(sessionId: string): { refresh(): void } {
  useMemory(sessionId);
  const { agent, epoch, session } = useSession(sessionId);
  const conversationId = useWorkbench((state) => state.conversation);
  const kind = useChangesStore((state) => state.base);
  const wanted = useChangesStore((state) => state.wanted);
  const reachable = agent !== null && session?.state === "running";
  const ask = useRef<() => void>(() => undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again in each epoch
  useEffect(() => {
    const base = baseOf(kind, conversationId);
    if (!wanted || !reachable || base === null) return;
    const asker = new Asker(sessionId, base);
    ask.current = () => void asker.now();
    useChangesStore.setState({ listing: null, error: null });
    void asker.now();
    const ends = [
      live.on("file.changed", sessionId, ({ changes, overflow }) => {
        forgetProgress(overflow ? null : changes.map(({ path }) => path));
        asker.soon();
      }),
      // Of files that .gitignore names the watcher is silent; Claude's turns are not.
      live.on("chat.conversation-changed", sessionId, () => kind === "conversation" && asker.soon()),
    ];
    return () => {
      asker.stop();
      for (const end of ends) end();
    };
  }, [sessionId, kind, conversationId, wanted, reachable, epoch]);
  return { refresh: () => ask.current() };
}

/** A file that has changed is not known to be accepted any more. */
function forgetProgress(paths: readonly string[] | null): void {
  useChangesStore.setState(({ progress }) => {
    if (paths === null) return { progress: {} };
    const gone = paths.filter((path) => path in progress);
    if (gone.length === 0) return {};
    return {
      progress: Object.fromEntries(Object.entries(progress).filter(([path]) => !gone.includes(path))),
    };
  });
}

class Asker {
  readonly #sessionId: string;
  readonly #base: ChangeBase;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitingSince = 0;
  #asked = 0;
  #stopped = false;

  constructor(sessionId: string, base: ChangeBase) {
    this.#sessionId = sessionId;
    this.#base = base;
  }

  soon(): void {
    this.#waitingSince ||= Date.now();
    const left = this.#waitingSince + maxWaitMs - Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), Math.max(0, Math.min(settleMs, left)));
  }

  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#waitingSince = 0;
    this.#asked += 1;
    const number = this.#asked;
    useChangesStore.setState({ loading: true });
    const tell = (state: Partial<ChangesState>) => {
      // Only the last question's answer counts.
      if (this.#stopped || number !== this.#asked) return;
      useChangesStore.setState(({ version }) => ({ ...state, loading: false, version: version + 1 }));
    };
    await live
      .command("changes.list", this.#sessionId, { base: this.#base }, { offline: "fail", timeoutMs: 90_000 })
      .then(
        (listing) => tell({ listing, error: null }),
        (error: unknown) => tell({ error: messageOf(error) }),
      );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
