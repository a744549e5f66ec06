import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type AgentInfo, type EventFrom, maxFrameBytes, type Payload } from "@remote-claude/protocol";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Config } from "../config.ts";
import type { Logger } from "../lib/log.ts";
import { ApiConnection } from "./api-connection.ts";
import type { Dispatch } from "./dispatch.ts";
import { Handshake } from "./handshake.ts";
import { Strangers } from "./strangers.ts";

const maxConnections = 16;

/** What a connection gets once it is known. */
interface Serving {
  readonly dispatch: Dispatch;
  readonly info: AgentInfo;
  readonly firstConnection: () => void;
}

/** Serves `/transfers/…`; answers false when the ticket is none, and the request is refused. */
export type TransferHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * agent.sock: the api's WebSocket at `/agent`, and transfers. Everything that connects is a stranger until it
 * has proved to be the api, or has shown a ticket that the api was given.
 */
export class AgentSocket {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #handshake: Handshake;
  readonly #strangers = new Strangers();
  readonly #connections = new Set<ApiConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
  });
  readonly #server: Server;
  #serve: Serving | null = null;

  constructor(config: Config, log: Logger, transfer: TransferHandler) {
    this.#config = config;
    this.#log = log;
    this.#handshake = new Handshake(config.place);
    this.#server = createServer({ headersTimeout: 5_000, requestTimeout: 0, maxHeaderSize: 16 * 1024 });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      this.#strangers.admit(socket);
    });
    this.#server.on("request", (request, response) => {
      if (transfer(request, response)) return this.#strangers.know(request.socket);
      response.writeHead(404, { connection: "close" }).end();
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#server.on("clientError", (_, socket) => socket.destroy());
  }

  broadcast<Type extends EventFrom<"agent">>(type: Type, payload: Payload<Type>): void {
    for (const connection of this.#connections) connection.send(type, payload);
  }

  /** Listens on agent.sock, in place of what a predecessor left there. */
  async listen(dispatch: Dispatch, info: AgentInfo, firstConnection: () => void): Promise<void> {
    this.#serve = { dispatch, info, firstConnection };
    rmSync(this.#config.agentSocket, { force: true });
    // The directory's group is the services'; nobody else may connect.
    const umask = process.umask(0o007);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen(this.#config.agentSocket, resolve);
      });
    } finally {
      process.umask(umask);
    }
    this.#server.on("error", (err) => this.#log.error({ err }, "agent.sock failed"));
  }

  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.close(1001, "shutting down");
    for (const socket of this.#sockets) setTimeout(() => socket.destroy(), 200).unref();
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (request.url !== "/agent" || this.#connections.size >= maxConnections) {
      socket.destroy();
      return;
    }
    this.#strangers.limitBytes(socket);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#greet(webSocket, socket));
  }

  #greet(webSocket: WebSocket, socket: Socket): void {
    const serve = this.#serve;
    // A frame that breaks the protocol (too large, not UTF-8) is an error here; ws closes by itself.
    webSocket.on("error", (error) => this.#log.warn({ error: error.message }, "connection failed"));
    if (serve === null) {
      webSocket.terminate();
      return;
    }
    const refuse = (why: string) => {
      this.#log.warn({ why }, "connection refused");
      webSocket.terminate();
    };
    const accept = () => {
      if (this.#connections.size >= maxConnections) return refuse("too many connections");
      this.#strangers.know(socket);
      this.#welcome(webSocket, serve);
    };
    this.#handshake.begin(webSocket, serve.info, accept, refuse);
  }

  #welcome(webSocket: WebSocket, { dispatch, firstConnection }: Serving): void {
    const connection = new ApiConnection(webSocket, this.#log);
    this.#connections.add(connection);
    this.#log.info({ connection: connection.id, connections: this.#connections.size }, "api connected");
    connection.onClose(() => {
      this.#connections.delete(connection);
      this.#log.info({ connection: connection.id, connections: this.#connections.size }, "api gone");
    });
    webSocket.on("message", (data, isBinary) => dispatch(toMessage(data, isBinary), connection));
    firstConnection();
  }
}

function toMessage(data: RawData, isBinary: boolean): string | Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  return isBinary ? bytes : bytes.toString("utf8");
}
