import {
  AppError,
  CloseReason,
  type CommandType,
  ErrorBody,
  type EventType,
  type Payload,
  type Reply,
} from "@remote-claude/protocol";
import { io, type Socket } from "socket.io-client";
import { createStore } from "zustand/vanilla";
import { socketTransports } from "./early-socket.ts";
import { goToSignIn } from "./go-to-sign-in.ts";

/**
 * `connecting` is the first time, `reconnecting` every later one. `signed-out` and `outdated` are final: the
 * person must sign in or reload.
 */
export type ConnectionStatus =
  | "idle"
  | "connecting"
  | "connected"
  | "reconnecting"
  | "signed-out"
  | "outdated";

export interface Connection {
  status: ConnectionStatus;
  /** Failed tries since the connection was last up. */
  attempt: number;
  /** Why the server does not let this page in for now, in its words; null when it is not that. */
  refusal: string | null;
  /** Counts connections; whoever keeps something on the server for a connection makes it again when this changes. */
  epoch: number;
}

export interface CommandOptions {
  /**
   * What to do without a connection. `wait` (the default): send when it is there; if it breaks between sending
   * and answer, reject with `unavailable`. `resend`: send again after every reconnect until answered; only for
   * commands where twice counts once. `fail`: reject at once.
   */
  offline?: "wait" | "resend" | "fail";
  /** Default 30 s, from the call to the answer; 0 waits for ever. */
  timeoutMs?: number;
}

export interface LiveOptions {
  /** Default: the page's own origin. */
  url?: string;
  /** Shortest and longest pause between tries. */
  retryMs?: [shortest: number, longest: number];
  onSignInAgain?: () => void;
}

type Ack = { ok: true; payload: unknown } | { ok: false; error: unknown };
type Listener = (payload: never, sessionId: string | null) => void;

interface Pending {
  type: string;
  sessionId: string;
  payload: unknown;
  resend: boolean;
  sent: boolean;
  settle(ack: Ack): void;
  fail(error: AppError): void;
}

const lost = () =>
  new AppError("unavailable", "The connection was lost before the server answered. Try again.");

/**
 * The one socket.io connection of a page. Commands go out with `command`, events come in with `on`; whoever
 * needs the server to remember something for this connection (a watch, a reader) does it in `onConnected`, which
 * runs again after each reconnect, before commands that waited are sent.
 */
export class Live {
  readonly connection = createStore<Connection>(() => ({
    status: "idle",
    attempt: 0,
    refusal: null,
    epoch: 0,
  }));
  readonly #options: LiveOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #connected = new Set<() => void>();
  #socket: Socket | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #commandCount = 0;

  constructor(options: LiveOptions = {}) {
    this.#options = options;
  }

  /** Connects, once; `command`, `on` and `onConnected` do it by themselves. */
  connect(): void {
    if (this.#socket !== null) return;
    const socket = io(this.#options.url ?? "/", {
      path: "/socket.io",
      transports: socketTransports,
      // Ours, below: socket.io's own gives up when the server closes or refuses.
      reconnection: false,
      timeout: 10_000,
      withCredentials: true,
      forceNew: true,
    });
    this.#socket = socket;
    this.connection.setState({ status: "connecting" });
    socket.on("connect", () => this.#onConnect());
    socket.on("disconnect", () => this.#onLost());
    socket.on("connect_error", (error: Error & { data?: unknown }) => this.#onRefused(error));
    socket.on("event", (type: string, sessionId: string | null, payload: unknown) =>
      this.#onEvent(type, sessionId, payload),
    );
  }

  /** Ends the connection; what waits for an answer is rejected. */
  close(): void {
    this.#cancelRetry();
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = null;
    this.connection.setState({ status: "idle", attempt: 0 });
    this.#failPending(() => true);
  }

  /** Tries at once instead of at the end of the pause (the network is back, the person pressed a button). */
  reconnectNow(): void {
    if (this.#retry === null) return;
    this.#cancelRetry();
    this.#socket?.connect();
  }

  /** Sends a command of the protocol and resolves with its reply, or rejects with AppError. */
  command<Type extends CommandType>(
    type: Type,
    sessionId: string,
    payload: Payload<Type>,
    options: CommandOptions = {},
  ): Promise<Reply<Type>> {
    this.connect();
    const { offline = "wait", timeoutMs = 30_000 } = options;
    const { status } = this.connection.getState();
    if (status === "signed-out") return Promise.reject(new AppError("unauthenticated", "Sign in again."));
    if (offline === "fail" && status !== "connected") return Promise.reject(lost());
    return new Promise((resolve, reject) => {
      const id = ++this.#commandCount;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const finish = (act: () => void) => {
        if (!this.#pending.delete(id)) return;
        clearTimeout(timer);
        act();
      };
      const pending: Pending = {
        type,
        sessionId,
        payload,
        resend: offline === "resend",
        sent: false,
        settle: (ack) =>
          finish(() =>
            ack.ok ? resolve(withBytes(ack.payload) as Reply<Type>) : reject(errorOf(ack.error)),
          ),
        fail: (error) => finish(() => reject(error)),
      };
      this.#pending.set(id, pending);
      if (timeoutMs > 0) {
        timer = setTimeout(
          () => pending.fail(new AppError("timeout", "The server did not answer in time.")),
          timeoutMs,
        );
      }
      if (status === "connected") this.#send(pending);
    });
  }

  /** Listens to an event of one session, or of all (`null`). Returns what ends it. */
  on<Type extends EventType>(
    type: Type,
    sessionId: string | null,
    listener: (payload: Payload<Type>, sessionId: string | null) => void,
  ): () => void {
    this.connect();
    const key = `${type} ${sessionId ?? "*"}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener as Listener);
    return () => {
      listeners.delete(listener as Listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  /** Runs `listener` now, if connected, and each time the connection is made again. Returns what ends it. */
  onConnected(listener: () => void): () => void {
    this.connect();
    this.#connected.add(listener);
    if (this.connection.getState().status === "connected") listener();
    return () => this.#connected.delete(listener);
  }

  #send(pending: Pending): void {
    pending.sent = true;
    this.#socket?.emit("command", pending.type, pending.sessionId, pending.payload, (ack: Ack) =>
      pending.settle(ack),
    );
  }

  #onConnect(): void {
    // Those that waited, before listeners add theirs: new commands of the listeners go first, in their own order.
    const waiting = [...this.#pending.values()].filter((pending) => !pending.sent);
    this.connection.setState(({ epoch }) => ({
      status: "connected",
      attempt: 0,
      refusal: null,
      epoch: epoch + 1,
    }));
    for (const listener of [...this.#connected]) listener();
    for (const pending of waiting) if (!pending.sent) this.#send(pending);
  }

  #onLost(): void {
    for (const pending of this.#pending.values()) if (pending.resend) pending.sent = false;
    this.#failPending((pending) => pending.sent);
    this.#tryLater();
  }

  #onRefused(error: Error & { data?: unknown }): void {
    const data = (error.data as { error?: unknown } | undefined)?.error ?? error.data;
    const body = ErrorBody.safeParse(data);
    if (body.success && body.data.code === "unauthenticated") {
      this.#end("signed-out");
      return;
    }
    const full = body.success && body.data.code === "quota_exceeded";
    this.connection.setState({ refusal: full ? body.data.message : null });
    this.#tryLater();
  }

  #tryLater(): void {
    const { status, attempt, epoch } = this.connection.getState();
    if (status === "signed-out" || status === "outdated" || this.#socket === null) return;
    this.connection.setState({ status: epoch === 0 ? "connecting" : "reconnecting", attempt: attempt + 1 });
    const [shortest, longest] = this.#options.retryMs ?? [250, 10_000];
    const pause = Math.min(longest, shortest * 2 ** attempt);
    this.#cancelRetry();
    // Jittered, so that a restarted server does not meet everyone in the same instant.
    this.#retry = setTimeout(
      () => {
        this.#retry = null;
        this.#socket?.connect();
      },
      pause * (0.5 + Math.random() / 2),
    );
  }

  #cancelRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #onEvent(type: string, sessionId: string | null, payload: unknown): void {
    const value = withBytes(payload) as never;
    if (type === "session.connection-closing") this.#onClosing(value);
    for (const key of [`${type} ${sessionId ?? "*"}`, `${type} *`]) {
      for (const listener of [...(this.#listeners.get(key) ?? [])]) listener(value, sessionId);
      if (sessionId === null) break;
    }
  }

  #onClosing(payload: { reason?: unknown }): void {
    const reason = CloseReason.safeParse(payload.reason).data;
    if (reason === "sign-in-again") this.#end("signed-out");
    // A newer server than this page: only reloading helps. Every other reason: connect again.
    else if (reason === "version-too-old") this.#end("outdated");
  }

  #end(status: "signed-out" | "outdated"): void {
    this.#cancelRetry();
    this.connection.setState({ status });
    this.#failPending(() => true);
    this.#socket?.disconnect();
    if (status === "signed-out") (this.#options.onSignInAgain ?? goToSignIn)();
  }

  #failPending(which: (pending: Pending) => boolean): void {
    for (const pending of [...this.#pending.values()]) if (which(pending)) pending.fail(lost());
  }
}

/** Browsers hand binary attachments over as ArrayBuffer; the protocol speaks of Uint8Array. */
function withBytes(payload: unknown): unknown {
  const data = (payload as { data?: unknown } | null | undefined)?.data;
  return data instanceof ArrayBuffer ? { ...(payload as object), data: new Uint8Array(data) } : payload;
}

function errorOf(error: unknown): AppError {
  const body = ErrorBody.safeParse(error);
  return body.success ? AppError.from(body.data) : new AppError("internal", "The server answered unclearly.");
}

/** The page's connection. */
export const live = new Live();

if (typeof window !== "undefined") {
  window.addEventListener("online", () => live.reconnectNow());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") live.reconnectNow();
  });
}
