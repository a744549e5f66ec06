import type { AgentInfo } from "@remote-claude/protocol";
import type { WebSocket } from "ws";
import type { Inbox } from "./inbox.ts";

/** How a session's agent is reached. The first kind is a unix socket; a relay or TLS are others to come. */
export interface AgentConnector {
  /**
   * Opens a WebSocket to the agent of the place and authenticates both ends. Messages come by the inbox, which
   * has those that arrived meanwhile. Throws AppError `agent_unreachable`.
   */
  connect(placeId: string): Promise<{ socket: WebSocket; inbox: Inbox; agent: AgentInfo }>;
  /** Options of node:http that reach the agent's HTTP server, for transfers. Throws like `connect`. */
  http(placeId: string): Promise<{ socketPath: string } | { host: string; port: number }>;
}
