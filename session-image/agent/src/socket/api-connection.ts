import {
  type EventFrom,
  type Frame,
  maxFrameBytes,
  type Payload,
  type ReplyFrame,
} from "@remote-claude/protocol";
import type { WebSocket } from "ws";
import type { Connection } from "../context.ts";
import { Listeners } from "../lib/listeners.ts";
import type { Logger } from "../lib/log.ts";
import { carriesBytes, FrameBuffers } from "./frame-buffers.ts";

/** An api that leaves this much unread is not coming back: its connection ends, and it resumes by cursor. */
const maxUnreadBytes = 64 * 1024 * 1024;

/** The agent's end of one authenticated WebSocket. */
export class ApiConnection implements Connection {
  readonly id = crypto.randomUUID();
  readonly #socket: WebSocket;
  readonly #log: Logger;
  readonly #buffers = new FrameBuffers();
  readonly #drain = new Listeners();
  readonly #clientGone = new Listeners<[string]>();
  readonly #close = new Listeners();

  constructor(socket: WebSocket, log: Logger) {
    this.#socket = socket;
    this.#log = log;
    socket.once("close", () => {
      this.#close.call();
      for (const listeners of [this.#close, this.#drain, this.#clientGone]) listeners.clear();
    });
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send<Type extends EventFrom<"agent">>(type: Type, payload: Payload<Type>, client?: string): void {
    this.#write(client === undefined ? { event: type, payload } : { event: type, payload, client });
  }

  reply(frame: ReplyFrame): void {
    this.#write(frame);
  }

  onDrain(listener: () => void): () => void {
    return this.#drain.add(listener);
  }

  onClientGone(listener: (client: string) => void): () => void {
    return this.#clientGone.add(listener);
  }

  onClose(listener: () => void): () => void {
    return this.#close.add(listener);
  }

  clientGone(client: string): void {
    this.#clientGone.call(client);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #write(frame: Frame): void {
    if (!this.open) return;
    if (carriesBytes(frame)) this.#writeBytes(frame);
    else this.#writeText(frame);
    if (this.#socket.bufferedAmount > maxUnreadBytes) {
      this.#log.warn({ connection: this.id }, "api stopped reading; connection ended");
      this.#socket.terminate();
    }
  }

  #writeBytes(frame: Parameters<FrameBuffers["encode"]>[0]): void {
    const { bytes, done } = this.#buffers.encode(frame);
    this.#socket.send(bytes, { binary: true }, () => {
      done();
      this.#drain.call();
    });
  }

  #writeText(frame: Frame): void {
    const text = JSON.stringify(frame);
    const size = Buffer.byteLength(text);
    if (size > maxFrameBytes) {
      this.#refuse(frame, size);
      return;
    }
    // ws calls back on every write that left the process, or failed with the connection.
    this.#socket.send(text, { binary: false }, () => this.#drain.call());
  }

  #refuse(frame: Frame, size: number): void {
    this.#log.error({ size, event: "event" in frame ? frame.event : undefined }, "frame too large; not sent");
    if (!("re" in frame)) return;
    const error = { code: "too_large", message: "the answer is too large to be sent" } as const;
    this.#socket.send(JSON.stringify({ re: frame.re, ok: false, error }));
  }
}
