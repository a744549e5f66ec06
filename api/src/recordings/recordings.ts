import { AppError, type RecordedTerminal, type RecordingMode } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import type { Lease } from "../recorder/index.ts";
import { readSettings } from "../settings/index.ts";
import { recordTerminal } from "./record-terminal.ts";
import { endOthers, NotOurs } from "./store.ts";

const settingsReadEveryMs = 5_000;
const retryMs = 1_000;
/** Twice what an agent allows: of more it only tells. */
const maxAtOnce = 64;

/** What one session's terminals are recorded by, while this api has its lease. */
interface Session {
  readonly lease: Lease;
  readonly abort: AbortController;
  readonly terminals: Set<string>;
  retry: NodeJS.Timeout | null;
}

export interface Recordings {
  /** This api has the recorder lease of a session whose agent it is connected to (or no longer has: null). */
  leased(sessionId: string, lease: Lease | null): void;
  stop(): Promise<void>;
}

/** Records the terminals of every session whose recorder this api is. */
export function createRecordings(context: Context): Recordings {
  const sessions = new Map<string, Session>();
  const working = new Set<Promise<void>>();
  let mode: RecordingMode | null = null;

  function track(work: Promise<void>): void {
    const settled = work.finally(() => working.delete(settled));
    working.add(settled);
  }

  async function currentMode(): Promise<RecordingMode> {
    mode ??= (await readSettings(context, context.db)).terminalRecording;
    return mode;
  }

  async function follow(sessionId: string, session: Session): Promise<void> {
    const { signal } = session.abort;
    try {
      const askedAt = Date.now();
      const wanted = await currentMode();
      if (signal.aborted) return;
      const { terminals } = await context.agents.request(sessionId, "recording.follow", { mode: wanted });
      if (signal.aborted) return;
      const reason = wanted === "off" ? "switched-off" : "session-ended";
      const open = wanted === "off" ? [] : terminals.map(({ terminalId }) => terminalId);
      await endOthers(context, sessionId, open, reason, askedAt);
      if (wanted !== "off") for (const terminal of terminals) begin(sessionId, session, terminal);
    } catch (error) {
      again(sessionId, session, error);
    }
  }

  function begin(sessionId: string, session: Session, terminal: RecordedTerminal): void {
    if (session.terminals.has(terminal.terminalId) || session.abort.signal.aborted) return;
    if (session.terminals.size >= maxAtOnce) return;
    session.terminals.add(terminal.terminalId);
    const { signal } = session.abort;
    const work = recordTerminal(context, sessionId, terminal, session.lease, signal)
      .catch((error: unknown) => again(sessionId, session, error))
      .finally(() => session.terminals.delete(terminal.terminalId));
    track(work);
  }

  /** Once more in a moment, unless the lease or the connection went: then whoever has it begins. */
  function again(sessionId: string, session: Session, error: unknown): void {
    const { signal } = session.abort;
    if (signal.aborted || session.retry !== null) return;
    // An agent of before recordings does not know the word.
    if (error instanceof AppError && error.code === "bad_request") {
      context.log.warn({ sessionId }, "terminals of this session are not recorded until it is started anew");
      return;
    }
    if (!(error instanceof NotOurs))
      context.log.warn({ err: error, sessionId }, "a terminal is not recorded; trying again");
    session.retry = setTimeout(() => {
      session.retry = null;
      if (!signal.aborted) track(follow(sessionId, session));
    }, retryMs);
  }

  function end(sessionId: string): void {
    const session = sessions.get(sessionId);
    session?.abort.abort();
    if (session?.retry) clearTimeout(session.retry);
    sessions.delete(sessionId);
  }

  /** Changed settings hold for what runs. */
  const timer = setInterval(() => {
    readSettings(context, context.db)
      .then(({ terminalRecording }) => {
        if (mode === terminalRecording) return;
        mode = terminalRecording;
        for (const [sessionId, session] of sessions) track(follow(sessionId, session));
      })
      .catch((error: unknown) => context.log.debug({ err: error }, "settings not read"));
  }, settingsReadEveryMs);
  timer.unref();

  const off = context.agents.onEvent("terminal.changed", (sessionId, { terminal }) => {
    const session = sessions.get(sessionId);
    if (session === undefined || session.terminals.has(terminal.terminalId)) return;
    if (terminal.recorded === undefined || terminal.recorded === "off" || terminal.exitCode !== null) return;
    // As it was opened, and from the beginning: only `follow` knows that of one that is not new.
    if (terminal.endOffset > 0) track(follow(sessionId, session));
    else begin(sessionId, session, terminal);
  });

  return {
    leased(sessionId, lease) {
      const known = sessions.get(sessionId);
      if (lease !== null && known?.lease.fence === lease.fence) return;
      end(sessionId);
      if (lease === null) return;
      const session: Session = { lease, abort: new AbortController(), terminals: new Set(), retry: null };
      sessions.set(sessionId, session);
      track(follow(sessionId, session));
    },
    async stop() {
      clearInterval(timer);
      off();
      for (const sessionId of [...sessions.keys()]) end(sessionId);
      await Promise.all(working);
    },
  };
}
