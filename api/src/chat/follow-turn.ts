import { AppError, type ChatDelta, type JournalEntry, type TurnResult } from "@remote-claude/protocol";
import { type Chat, entriesAfter } from "./service.ts";
import { TurnReader, type TurnRequest } from "./turn-reader.ts";

const watchMs = 1000;

export interface TurnListener {
  entry?(entry: JournalEntry): void;
  delta?(delta: ChatDelta): void;
}

/**
 * Hears a conversation's deltas from now on, for a turn that can be followed only once its prompt is sent: deltas
 * are not stored, so what came before the following would be lost. The returned function ends it and gives them.
 */
export function hearDeltas(
  { context }: Chat,
  { sessionId, conversationId }: Pick<TurnRequest, "sessionId" | "conversationId">,
): () => ChatDelta[] {
  const heard: ChatDelta[] = [];
  const end = context.agents.onEvent("chat.delta", (session, delta) => {
    if (session === sessionId && delta.conversationId === conversationId) heard.push(delta);
  });
  return () => {
    end();
    return heard.splice(0);
  };
}

/** The session was stopped or deleted before the turn had ended; `reason` is the session's own. */
export class SessionEnded extends AppError {
  readonly reason: string | null;

  constructor(state: string, reason: string | null) {
    super("session_not_ready", `The session was ${state} before Claude had finished.`, {
      details: { state },
    });
    this.reason = reason;
  }
}

/** Throws SessionEnded when nobody works in the session any more, and nobody is about to. */
async function assertGoesOn({ context }: Chat, sessionId: string): Promise<void> {
  const row = await context.db.session.findUnique({ where: { id: sessionId } });
  if (row === null || row.deletedAt !== null || row.state === "deleting")
    throw new SessionEnded("deleted", null);
  if (row.state === "failed") throw new SessionEnded("ended", row.stopReason);
  if (row.state === "stopping" || row.state === "stopped") throw new SessionEnded("stopped", row.stopReason);
}

/**
 * Follows the turn of one message to its end: what is stored, then what comes, each entry once and in order. It
 * survives a lost agent connection and may be begun again after a restart of the api. Rejects with the signal's
 * reason when that aborts (the turn itself goes on), and with SessionEnded when the session is stopped.
 */
export function followTurn(
  chat: Chat,
  request: TurnRequest,
  listener: TurnListener,
  signal: AbortSignal,
): Promise<TurnResult> {
  return new Promise((resolve, reject) =>
    new TurnFollower(chat, request, listener, signal, { resolve, reject }).start(),
  );
}

interface Settle {
  resolve(result: TurnResult): void;
  reject(reason: unknown): void;
}

class TurnFollower {
  private readonly chat: Chat;
  private readonly request: TurnRequest;
  private readonly listener: TurnListener;
  private readonly signal: AbortSignal;
  private readonly settle: Settle;
  private readonly reader: TurnReader;
  private readonly ends: (() => void)[] = [];
  private next: number;
  private done = false;
  private reading = false;
  /** Something came while the database was being read: read again. */
  private behind = false;

  constructor(chat: Chat, request: TurnRequest, listener: TurnListener, signal: AbortSignal, settle: Settle) {
    this.chat = chat;
    this.request = request;
    this.listener = listener;
    this.signal = signal;
    this.settle = settle;
    this.reader = new TurnReader(request);
    this.next = request.afterSeq + 1;
  }

  start(): void {
    const { signal } = this;
    const { sessionId, conversationId } = this.request;
    const { agents } = this.chat.context;
    const isOurs = (session: string, about: { conversationId: string }) =>
      // Both: an agent may say anything, also of another session's conversation.
      session === sessionId && about.conversationId === conversationId;
    // An agent that stays away has nobody to say that the turn is over; the session's row does.
    const watch = setInterval(() => {
      if (agents.info(sessionId) === null) void this.catchUp();
    }, watchMs);
    const onAbort = () => this.finish(() => this.settle.reject(signal.reason));
    this.ends.push(
      this.chat.recorder.onEntry((session, entry) => {
        if (isOurs(session, entry)) this.hear(entry);
      }),
      agents.onEvent("chat.delta", (session, delta) => {
        if (isOurs(session, delta)) this.listener.delta?.(delta);
      }),
      () => signal.removeEventListener("abort", onAbort),
      () => clearInterval(watch),
    );
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else void this.catchUp();
  }

  private finish(settle: () => void): void {
    if (this.done) return;
    this.done = true;
    for (const end of this.ends) end();
    settle();
  }

  private hear(entry: JournalEntry): void {
    if (entry.seq < this.next) return;
    if (entry.seq === this.next && !this.reading) this.take(entry);
    else void this.catchUp();
  }

  private take(entry: JournalEntry): void {
    this.next = entry.seq + 1;
    this.listener.entry?.(entry);
    try {
      const result = this.reader.read(entry);
      if (result !== null) this.finish(() => this.settle.resolve(result));
    } catch (error) {
      this.finish(() => this.settle.reject(error));
    }
  }

  /** Reads from the database until nothing is missing before what comes live. */
  private async catchUp(): Promise<void> {
    this.behind = true;
    if (this.reading) return;
    this.reading = true;
    const { sessionId, conversationId } = this.request;
    try {
      while (this.behind && !this.done) {
        this.behind = false;
        const connected = this.chat.context.agents.info(sessionId) !== null;
        const page = await entriesAfter(this.chat, sessionId, conversationId, this.next - 1);
        for (const entry of page.entries) if (entry.seq === this.next && !this.done) this.take(entry);
        this.behind ||= page.more;
        if (!connected && !this.behind && !this.done) await assertGoesOn(this.chat, sessionId);
      }
    } catch (error) {
      this.finish(() => this.settle.reject(error));
    } finally {
      this.reading = false;
    }
  }
}
