import type { Actor, EventFrom, Payload } from "@remote-claude/protocol";
import type { Config } from "./config.ts";
import type { Logger } from "./lib/log.ts";

/** One authenticated connection of an api. */
export interface Connection {
  /** Unique while the agent lives. */
  readonly id: string;
  /** false once the socket is closing: what is sent then goes nowhere. */
  readonly open: boolean;
  /** Bytes that were sent and have not left the process: who sends in bulk waits while this is high. */
  readonly bufferedBytes: number;
  /** Sends an event on this connection alone; `client` is needed for `reach: "client"` events. */
  send<Type extends EventFrom<"agent">>(type: Type, payload: Payload<Type>, client?: string): void;
  /** Called whenever something sent has left the process. Returns a function that takes the listener back. */
  onDrain(listener: () => void): () => void;
  /** Called when the api says that one of its clients is gone. Returns a function that takes it back. */
  onClientGone(listener: (client: string) => void): () => void;
  /** Called once, when the connection is gone. Returns a function that takes the listener back. */
  onClose(listener: () => void): () => void;
}

/** Who asked, and over what. */
export interface AgentContext {
  /** The client of the api for whom this is: with the connection it names a reader. */
  readonly client: string;
  /** The api vouches for it; null: the system's own. */
  readonly actor: Actor | null;
  readonly connection: Connection;
}

/** What every area of the agent is built on. */
export interface AgentServices {
  readonly config: Config;
  readonly log: Logger;
  /**
   * Environment for shells, commands, git and Claude Code: proxies, the model gateway, worthless tokens, PATH,
   * HOME. Complete: nothing of the agent's own environment is to be added.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Sends an event to every authenticated connection. */
  broadcast<Type extends EventFrom<"agent">>(type: Type, payload: Payload<Type>): void;
}
