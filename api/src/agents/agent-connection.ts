import {
  type AgentInfo,
  AppError,
  type CommandTo,
  commands,
  decodeFrame,
  type ErrorBody,
  EventFrame,
  encodeFrame,
  type Payload,
  parseOrRefuse,
  type Reply,
  ReplyFrame,
} from "@remote-claude/protocol";
import type { Logger } from "pino";
import type { RawData, WebSocket } from "ws";
import type { Inbox } from "./inbox.ts";
import { Intake } from "./intake.ts";
import { NotSent, type RequestOptions } from "./types.ts";

/** More than this waiting to be written means that the agent has stopped reading. */
const maxBufferedBytes = 64 * 1024 * 1024;
const defaultTimeoutMs = 30_000;
/** A frame from a session that makes no sense; so many of them and the connection is given up. */
const maxBadFrames = 100;
/** The rest is only counted: a session must not fill our log. */
const maxBadFramesLogged = 3;

interface Waiting {
  readonly type: CommandTo<"agent">;
  readonly sentAt: number;
  readonly timer: NodeJS.Timeout;
  resolve(payload: never): void;
  reject(error: Error): void;
}

export interface ConnectionEvents {
  /** An answer came to a command of this type, be it a refusal. */
  replied(type: CommandTo<"agent">, seconds: number): void;
  event(type: string, payload: unknown, client: string | undefined): void;
  /** `malformed`: given up because of what it sent. */
  closed(why: "lost" | "malformed"): void;
}

/** What a session refused with. Who is signed in is ours to say: a session cannot sign anybody out. */
function refusalOf(error: ErrorBody): AppError {
  return AppError.from(error.code === "unauthenticated" ? { ...error, code: "agent_unreachable" } : error);
}

/** One authenticated WebSocket to one agent: commands out, replies matched to them, events handed on. */
export class AgentConnection {
  readonly agent: AgentInfo;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly events: ConnectionEvents;
  private readonly log: Logger;
  private nextId = 1;
  private badFrames = 0;
  private readonly intake = new Intake();
  private resumeTimer: NodeJS.Timeout | null = null;

  constructor(
    opened: { socket: WebSocket; inbox: Inbox; agent: AgentInfo },
    events: ConnectionEvents,
    log: Logger,
  ) {
    this.agent = opened.agent;
    this.socket = opened.socket;
    this.events = events;
    this.log = log;
    this.socket.on("error", (error) => log.warn({ err: error }, "agent connection failed"));
    this.socket.on("close", () => this.onClose());
    opened.inbox.pour((data, binary) => this.onMessage(data, binary));
    if (this.socket.readyState !== this.socket.OPEN) this.onClose();
  }

  request<Type extends CommandTo<"agent">>(
    type: Type,
    payload: Payload<Type>,
    options: RequestOptions,
  ): Promise<Reply<Type>> {
    if (this.socket.readyState !== this.socket.OPEN || this.socket.bufferedAmount > maxBufferedBytes) {
      return Promise.reject(new NotSent("The session's agent cannot be reached just now."));
    }
    const id = this.nextId++;
    const { client = "api", actor = null, act } = options;
    // Out first: a keystroke need not wait for our book-keeping.
    this.send({ id, type, payload, client, actor, ...(act !== undefined && { act }) });
    return new Promise<Reply<Type>>((resolve, reject) => {
      const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(
          new AppError(
            "timeout",
            `The session did not answer ${type} within ${Math.round(timeoutMs / 1000)} s.`,
          ),
        );
      }, timeoutMs);
      this.waiting.set(id, { type, sentAt: performance.now(), timer, resolve, reject });
    });
  }

  clientGone(client: string): void {
    this.send({ gone: client });
  }

  close(): void {
    this.socket.close();
    // A session that does not answer the close frame must not keep the connection.
    setTimeout(() => this.socket.terminate(), 1000).unref();
  }

  private send(frame: Parameters<typeof encodeFrame>[0]): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(encodeFrame(frame));
  }

  private onMessage(data: RawData, binary: boolean): void {
    // One read of the socket may hold more after the frame that was one too many.
    if (this.badFrames >= maxBadFrames) return;
    // ws gives a message as one Buffer unless told otherwise.
    const message = data as Buffer;
    this.limit(message.length);
    try {
      const value = decodeFrame(binary ? message : message.toString());
      // By hand, not as a union: that would describe in full why each event is no reply.
      const isEvent = typeof value === "object" && value !== null && "event" in value;
      const frame = isEvent ? EventFrame.parse(value) : ReplyFrame.parse(value);
      if ("event" in frame) this.events.event(frame.event, frame.payload, frame.client);
      else this.onReply(frame);
    } catch (error) {
      this.onBadFrame(error);
    }
  }

  private limit(bytes: number): void {
    const pauseMs = this.intake.take(bytes);
    if (pauseMs <= 0 || this.resumeTimer !== null) return;
    this.socket.pause();
    this.resumeTimer = setTimeout(() => {
      this.resumeTimer = null;
      this.socket.resume();
    }, pauseMs);
  }

  private onBadFrame(error: unknown): void {
    this.badFrames += 1;
    if (this.badFrames <= maxBadFramesLogged) this.log.warn({ err: error }, "frame from the agent refused");
    if (this.badFrames < maxBadFrames) return;
    this.log.warn({ badFrames: this.badFrames }, "agent hung up on: malformed frames");
    this.socket.close(1008, "malformed-frames");
    this.socket.terminate();
  }

  private onReply(frame: ReplyFrame): void {
    const waiting = this.waiting.get(frame.re);
    if (waiting === undefined) return;
    this.waiting.delete(frame.re);
    clearTimeout(waiting.timer);
    this.events.replied(waiting.type, (performance.now() - waiting.sentAt) / 1000);
    if (!frame.ok) {
      waiting.reject(refusalOf(frame.error));
      return;
    }
    const definition = commands.get(waiting.type);
    try {
      if (definition === undefined) throw new AppError("internal", `no definition of ${waiting.type}`);
      waiting.resolve(
        parseOrRefuse(definition.reply, frame.payload, `the agent's reply to ${waiting.type}`) as never,
      );
    } catch (error) {
      waiting.reject(
        new AppError("agent_unreachable", "The session's agent gave a malformed answer.", { cause: error }),
      );
    }
  }

  private onClose(): void {
    if (this.resumeTimer !== null) clearTimeout(this.resumeTimer);
    for (const waiting of this.waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(
        new AppError("agent_unreachable", "The connection to the session was lost before it answered."),
      );
    }
    this.waiting.clear();
    this.events.closed(this.badFrames >= maxBadFrames ? "malformed" : "lost");
  }
}
