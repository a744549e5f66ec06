import { createHmac, createPublicKey, randomBytes, randomUUID, verify } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import {
  type AgentInfo,
  AuthenticateFrame,
  agentProof,
  apiProof,
  type CommandFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  protocolVersion,
} from "@remote-claude/protocol";
import { type WebSocket, WebSocketServer } from "ws";

export interface AgentEndOptions {
  readonly runDir: string;
  readonly placeId: string;
  readonly placeSecret: string;
  /** SPKI DER in base64. */
  readonly apiPublicKey: string;
  /** Answers a command; what it throws breaks the connection. */
  readonly onCommand?: (frame: CommandFrame, end: AgentEnd) => Frame | null;
  readonly onRequest?: RequestListener;
}

/** The other end of agent.sock, as bare as can be: tests decide what it says. */
export class AgentEnd {
  readonly info: AgentInfo = {
    bootId: randomUUID(),
    agentVersion: "test",
    claudeVersion: null,
    gitAvailable: false,
    permissionModes: ["default"],
  };
  readonly commands: CommandFrame[] = [];
  readonly gone: string[] = [];
  readonly sockets = new Set<WebSocket>();
  private readonly options: AgentEndOptions;
  private server: Server | null = null;

  constructor(options: AgentEndOptions) {
    this.options = options;
  }

  get path(): string {
    return join(this.options.runDir, this.options.placeId, "out", "agent.sock");
  }

  async start(): Promise<this> {
    await mkdir(join(this.options.runDir, this.options.placeId, "out"), { recursive: true });
    await rm(this.path, { force: true });
    this.server = createServer(this.options.onRequest ?? ((_, response) => response.writeHead(404).end()));
    const sockets = new WebSocketServer({ server: this.server, path: "/agent" });
    sockets.on("connection", (socket) => this.greet(socket));
    await new Promise<void>((resolve) => this.server?.listen(this.path, resolve));
    return this;
  }

  /** Says something to every connection that is authenticated. */
  say(frame: Frame | string): void {
    for (const socket of this.sockets) socket.send(typeof frame === "string" ? frame : encodeFrame(frame));
  }

  drop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.server?.close(resolve));
    this.server = null;
  }

  private greet(socket: WebSocket): void {
    const nonce = randomBytes(32).toString("base64url");
    socket.send(encodeFrame({ hello: { protocolVersion, nonce } }));
    socket.once("message", (data) => {
      const { authenticate } = AuthenticateFrame.parse(decodeFrame(data.toString()));
      const { placeId, apiPublicKey, placeSecret } = this.options;
      const key = createPublicKey({ key: Buffer.from(apiPublicKey, "base64"), format: "der", type: "spki" });
      const proof = Buffer.from(apiProof(placeId, nonce, authenticate.nonce));
      if (!verify(null, proof, key, Buffer.from(authenticate.signature, "base64url")))
        return socket.terminate();
      const mac = createHmac("sha256", Buffer.from(placeSecret, "base64url"))
        .update(agentProof(placeId, nonce, authenticate.nonce))
        .digest("base64url");
      socket.send(encodeFrame({ welcome: { mac, agent: this.info } }));
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("message", (message, binary) =>
        this.read(socket, binary ? (message as Buffer) : message.toString()),
      );
    });
  }

  private read(socket: WebSocket, message: string | Buffer): void {
    const frame = decodeFrame(message) as CommandFrame | { gone: string };
    if ("gone" in frame) {
      this.gone.push(frame.gone);
      return;
    }
    this.commands.push(frame);
    const reply = this.options.onCommand?.(frame, this) ?? null;
    if (reply !== null) socket.send(encodeFrame(reply));
  }
}
