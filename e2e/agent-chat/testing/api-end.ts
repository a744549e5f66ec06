import { type KeyObject, randomBytes, randomUUID, sign } from "node:crypto";
import {
  type Actor,
  AppError,
  apiProof,
  type ChatDelta,
  type ChatEvent,
  type CommandTo,
  decodeFrame,
  type ErrorBody,
  encodeFrame,
  type JournalEntry,
  type Payload,
  type Reply,
} from "@remote-claude/protocol";
import WebSocket from "ws";

export const alice: Actor = { id: "11111111-1111-4111-8111-111111111111", name: "Alice" };
export const bob: Actor = { id: "22222222-2222-4222-8222-222222222222", name: "Bob" };

type Event<Kind extends ChatEvent["kind"]> = Extract<ChatEvent, { kind: Kind }>;

interface Waiting {
  readonly resolve: (payload: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The api's end of an agent's socket: sends commands, and keeps every entry and delta it hears. */
export class ApiEnd {
  readonly entries: JournalEntry[] = [];
  readonly deltas: ChatDelta[] = [];
  /** Deltas and entries by their kind, in the order in which they came. */
  readonly order: ("entry" | "delta")[] = [];
  /** If set, only this conversation is listened to. */
  only: string | undefined;
  readonly socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
  }

  static async connect(path: string, key: KeyObject): Promise<ApiEnd> {
    const socket = new WebSocket(`ws+unix:${path}:/agent`);
    const end = new ApiEnd(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the agent closed the connection")));
      socket.on("message", (data, isBinary) => {
        const frame = decodeFrame(isBinary ? (data as Buffer) : String(data)) as Record<string, never>;
        if ("hello" in frame) {
          const nonce = randomBytes(32).toString("base64url");
          const proof = apiProof("abcdefghijkl", (frame.hello as { nonce: string }).nonce, nonce);
          const signature = sign(null, Buffer.from(proof), key).toString("base64url");
          socket.send(JSON.stringify({ authenticate: { nonce, signature } }));
        } else if ("welcome" in frame) resolve();
        else end.#hear(frame);
      });
    });
    socket.removeAllListeners("close");
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const { reject } of end.#waiting.values()) reject(new Error("the connection is gone"));
      end.#waiting.clear();
    });
    return end;
  }

  send<Type extends CommandTo<"agent">>(
    type: Type,
    payload: Payload<Type>,
    actor: Actor | null = alice,
  ): Promise<Reply<Type>> {
    return this.sendRaw(type, payload, actor) as Promise<Reply<Type>>;
  }

  sendRaw(type: string, payload: unknown, actor: Actor | null = alice): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.socket.send(encodeFrame({ id, type, payload, client: "test", actor }));
    });
  }

  /** Sends a prompt; answers with the id of the message. */
  async prompt(conversationId: string, text: string, messageId: string = randomUUID()): Promise<string> {
    await this.send("chat.send", { conversationId, messageId, text });
    return messageId;
  }

  events<Kind extends ChatEvent["kind"]>(kind: Kind): Event<Kind>[] {
    return this.entries
      .map(({ event }) => event)
      .filter((event): event is Event<Kind> => event.kind === kind);
  }

  /** Text of Claude's finished messages. */
  texts(): string[] {
    return this.events("sdk")
      .filter(({ message }) => message.type === "assistant")
      .flatMap(({ message }) => (message.message as { content: { type: string; text?: string }[] }).content)
      .flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : []));
  }

  close(): void {
    this.socket.terminate();
  }

  #hear(frame: Record<string, unknown>): void {
    const { conversationId } = (frame.payload ?? {}) as { conversationId?: string };
    if (this.only !== undefined && "event" in frame && conversationId !== this.only) return;
    if (frame.event === "chat.entry") {
      this.entries.push(frame.payload as JournalEntry);
      this.order.push("entry");
    }
    if (frame.event === "chat.delta") {
      this.deltas.push(frame.payload as ChatDelta);
      this.order.push("delta");
    }
    if (typeof frame.re !== "number") return;
    const waiting = this.#waiting.get(frame.re);
    this.#waiting.delete(frame.re);
    if (frame.ok === true) waiting?.resolve(frame.payload);
    else waiting?.reject(AppError.from(frame.error as ErrorBody));
  }
}
