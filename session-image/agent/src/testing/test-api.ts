import { randomBytes } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import {
  type AgentInfo,
  AppError,
  agentProof,
  apiProof,
  type CommandTo,
  decodeFrame,
  type EventFrom,
  encodeFrame,
  HelloFrame,
  type Payload,
  type Reply,
  type ReplyFrame,
  WelcomeFrame,
} from "@remote-claude/protocol";
import { WebSocket } from "ws";
import type { TestPlace } from "./test-place.ts";

export interface SeenEvent {
  readonly event: string;
  readonly payload: Record<string, unknown>;
  readonly client?: string;
}

export function openSocket(place: { readonly socket: string }): WebSocket {
  return new WebSocket(`ws+unix://${place.socket}:/agent`, { perMessageDeflate: false });
}

/** The api's end of agent.sock. */
export class TestApi {
  readonly socket: WebSocket;
  readonly info: AgentInfo;
  readonly client = "client-1";
  readonly events: SeenEvent[] = [];
  readonly #waiting = new Map<number, (frame: ReplyFrame) => void>();
  readonly #listeners = new Set<(event: SeenEvent) => void>();
  readonly #place: TestPlace;
  #nextId = 1;

  static async connect(place: TestPlace): Promise<TestApi> {
    const socket = openSocket(place);
    const { next, stop } = messagesOf(socket);
    const { hello } = HelloFrame.parse(await next());
    const nonce = randomBytes(32).toString("base64url");
    const signature = place.sign(apiProof(place.placeId, hello.nonce, nonce));
    socket.send(encodeFrame({ authenticate: { nonce, signature } }));
    const { welcome } = WelcomeFrame.parse(await next());
    if (welcome.mac !== place.mac(agentProof(place.placeId, hello.nonce, nonce)))
      throw new Error("the agent has not proved itself");
    stop();
    return new TestApi(socket, welcome.agent, place);
  }

  constructor(socket: WebSocket, info: AgentInfo, place: TestPlace) {
    this.socket = socket;
    this.info = info;
    this.#place = place;
    socket.on("message", (data, isBinary) => {
      const frame = decodeFrame(isBinary ? (data as Buffer) : String(data)) as Record<string, unknown>;
      if ("event" in frame) this.#see(frame as unknown as SeenEvent);
      else if ("re" in frame) this.#answer(frame as unknown as ReplyFrame);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      for (const id of this.#waiting.keys())
        this.#answer({ re: id, ok: false, error: { code: "agent_unreachable", message: "closed" } });
    });
  }

  #see(event: SeenEvent): void {
    if (event.event !== "terminal.output") this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  #answer(frame: ReplyFrame): void {
    this.#waiting.get(frame.re)?.(frame);
    this.#waiting.delete(frame.re);
  }

  on<Type extends EventFrom<"agent">>(
    type: Type,
    listener: (payload: Payload<Type>, client?: string) => void,
  ) {
    const wrapped = ({ event, payload, client }: SeenEvent) => {
      if (event === type) listener(payload as Payload<Type>, client);
    };
    this.#listeners.add(wrapped);
    return () => this.#listeners.delete(wrapped);
  }

  /** Sends a command and waits; throws the AppError of a refusal. */
  async ask<Type extends CommandTo<"agent">>(
    type: Type,
    payload: Payload<Type>,
    client = this.client,
  ): Promise<Reply<Type>> {
    const frame = await this.askRaw({ type, payload, client, actor: null });
    if (!frame.ok) throw AppError.from(frame.error);
    return frame.payload as Reply<Type>;
  }

  askRaw(frame: Record<string, unknown>): Promise<ReplyFrame> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, ...frame }));
    });
  }

  /** The bytes of a GET transfer, or its refusal. */
  async download(payload: Payload<"file.open-transfer">): Promise<Buffer> {
    const { ticket } = await this.ask("file.open-transfer", payload);
    const { status, body } = await this.transfer("GET", ticket);
    if (status !== 200) throw AppError.from(JSON.parse(body.toString("utf8")).error);
    return body;
  }

  async upload(
    payload: Payload<"file.open-transfer">,
    content: Uint8Array,
  ): Promise<{ size: number; etag?: string; created: boolean }> {
    const { ticket } = await this.ask("file.open-transfer", payload);
    const { status, body } = await this.transfer("PUT", ticket, content);
    const answer = JSON.parse(body.toString("utf8"));
    if (status !== 200) throw AppError.from(answer.error);
    return answer;
  }

  transfer(
    method: string,
    ticket: string,
    content?: Uint8Array,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { socketPath: this.#place.socket, path: `/transfers/${ticket}`, method },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(content);
    });
  }

  close(): void {
    this.socket.terminate();
  }
}

/** The JSON messages of a socket, one at a time; rejects when it closes. */
export function messagesOf(socket: WebSocket): { next(): Promise<unknown>; stop(): void } {
  const queue: unknown[] = [];
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let closed = false;
  const read = (data: unknown) => {
    const value: unknown = JSON.parse(String(data));
    const next = waiting.shift();
    if (next === undefined) queue.push(value);
    else next.resolve(value);
  };
  socket.on("message", read);
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
    for (const { reject } of waiting.splice(0)) reject(new Error("closed"));
  });
  const next = () => {
    if (queue.length > 0) return Promise.resolve(queue.shift());
    if (closed) return Promise.reject(new Error("closed"));
    return new Promise<unknown>((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return { next, stop: () => void socket.off("message", read) };
}
