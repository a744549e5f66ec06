import type { Readable } from "node:stream";
import {
  type Actor,
  type AgentInfo,
  AppError,
  type CommandTo,
  type EventFrom,
  type Payload,
  type Reply,
  type TransferDone,
} from "@remote-claude/protocol";

/** There was no connection to send it on: the session knows nothing of it. */
export class NotSent extends AppError {
  constructor(message: string) {
    super("agent_unreachable", message);
  }
}

export interface RequestOptions {
  /** Which client of the api asks (a socket's id): the agent keeps readers by it. Default: the api itself. */
  readonly client?: string;
  readonly actor?: Actor | null;
  /** How long to wait for the reply. Default 30 s; `timeout` after it. */
  readonly timeoutMs?: number;
  /** How long to wait for a connection first. Default 0: `agent_unreachable` at once without one. */
  readonly connectWaitMs?: number;
  /** The number of the act that it is. */
  readonly act?: string;
}

export interface TransferRead {
  readonly body: Readable;
  readonly size: number | null;
  readonly etag: string | null;
  readonly modifiedAt: string | null;
  /** Ends the transfer unread. */
  discard(): void;
}

export interface WriteRequest {
  readonly path: string;
  /** The body is an archive to be unpacked into the directory `path`. */
  readonly extract?: boolean;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: "*";
  readonly maxBytes: number;
  /** The number of the act that it is. */
  readonly act?: string;
}

/**
 * The connections of this api to the agents of running sessions. One connection a session, shared by all
 * clients; nothing above knows a path or an address.
 */
export interface Agents {
  /** Begins to keep a connection to the session's agent, reconnecting until released. Asked again, it is tried at once. */
  attach(sessionId: string, placeId: string): void;
  /** Ends the connection and forgets the session. Idempotent. */
  release(sessionId: string): void;
  /** What the connected agent said of itself; null while none is connected. */
  info(sessionId: string): AgentInfo | null;
  /** Resolves when the agent is connected; `agent_unreachable` when it is not within `withinMs`. */
  ready(sessionId: string, withinMs: number): Promise<AgentInfo>;
  request<Type extends CommandTo<"agent">>(
    sessionId: string,
    type: Type,
    payload: Payload<Type>,
    options?: RequestOptions,
  ): Promise<Reply<Type>>;
  /** A file's bytes, or a directory as .tar.gz. */
  read(sessionId: string, request: { path: string; archive?: boolean }): Promise<TransferRead>;
  /** What changed in the workspace between two snapshots, as a patch that `git apply` takes. */
  readPatch(sessionId: string, snapshots: { from: string; to: string }): Promise<TransferRead>;
  /** Writes a file, or extracts an archive into a directory. Throws what the agent refused. */
  write(sessionId: string, request: WriteRequest, body: Readable): Promise<TransferDone>;
  /** Tells the session's agent that a client is gone, so that it drops its readers. */
  clientGone(sessionId: string, client: string): void;
  /** Calls back for every event of every agent, checked against its schema. Returns the unsubscribe. */
  onEvent<Type extends EventFrom<"agent">>(
    type: Type,
    listener: (sessionId: string, payload: Payload<Type>, client: string | undefined) => void,
  ): () => void;
  /** Calls back when an agent was reached (its info) or lost (null). Returns the unsubscribe. */
  onConnectionChange(listener: (sessionId: string, agent: AgentInfo | null) => void): () => void;
  /** Ends every connection, for good. */
  close(): void;
}
