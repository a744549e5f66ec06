import type { Handlers, SessionRole } from "@remote-claude/protocol";
import type { DefaultEventsMap, Server, Socket } from "socket.io";
import type { Context, Principal, SessionAccess } from "../context.ts";
import type { Lanes } from "./lanes.ts";

/** An answer of the policy. */
export interface KnownAccess {
  /** When it was asked for. */
  readonly at: number;
  readonly found: Promise<SessionAccess | null>;
  /** Its successor is on the way. */
  renewing: boolean;
}

/** What the hub keeps of one browser connection. */
export interface ClientData {
  readonly principal: Principal;
  /** Sessions to whose agents this client has spoken: only those may address it, and they hear when it is gone. */
  readonly sessions: Set<string>;
  readonly access: Map<string, KnownAccess>;
  /** What this person is in the sessions they use here: when that changes, the connection begins anew. */
  readonly roles: Map<string, SessionRole>;
  readonly lanes: Lanes;
  inFlight: number;
}

export type Client = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, ClientData>;
export type SocketServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, ClientData>;

/** What a handler of an api command is called with: it is already authenticated, allowed and parsed. */
export interface CommandContext {
  readonly context: Context;
  readonly principal: Principal;
  readonly access: SessionAccess;
  readonly sessionId: string;
  /** Lets this client hear a room, or no longer. */
  join(room: string): void;
  leave(room: string): void;
}

export type ApiHandlers = Handlers<"api", CommandContext>;
