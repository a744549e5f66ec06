import type { ChildProcess } from "node:child_process";
import { IncomingMessage, type Server } from "node:http";
import { Socket } from "node:net";
import { z } from "zod";

/**
 * How one process hands a WebSocket's connection to another on the same machine, over the channel that `spawn` with
 * "ipc" opens: the request for it as parsed, the connection itself, and what came behind the request. From then on no
 * byte of it passes through the first process. Only such requests are handed over: what reaches the other process is
 * never parsed there again, so nobody can send a second request past the first process.
 */
const HandedOver = z.object({
  type: z.literal("upgrade"),
  id: z.int().nonnegative(),
  url: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Bytes behind the request, in base64. */
  head: z.string(),
});
type HandedOver = z.infer<typeof HandedOver>;

const Taken = z.object({ type: z.literal("taken"), id: z.int().nonnegative() });
type Taken = z.infer<typeof Taken>;

/** A request to become a WebSocket, as Node's "upgrade" event tells of it. */
export interface Upgrade {
  readonly request: Pick<IncomingMessage, "url" | "headers">;
  readonly socket: Socket;
  readonly head: Buffer;
}

interface Waiting {
  readonly socket: Socket;
  readonly refuse: () => void;
}

/** The giving end: one for each process that connections are handed to. */
export class Handover {
  readonly #child: ChildProcess;
  readonly #maxWaiting: number;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  /** A process that does not listen must not make this one hold everybody who comes: more than so many are not. */
  constructor(child: ChildProcess, maxWaiting = 256) {
    this.#child = child;
    this.#maxWaiting = maxWaiting;
    child.on("message", (message) => this.#onMessage(message));
    // What it had not taken is still ours to refuse. "exit" comes too where the channel never opened.
    child.once("disconnect", () => this.#refuseAll());
    child.once("exit", () => this.#refuseAll());
  }

  /** Handed over and not yet taken. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Hands the connection over; false when it cannot be now, and it stays the caller's. `refuse` is called if the other
   * process ends before it has taken it. Call it in the "upgrade" event itself: what is read here is lost there.
   */
  give({ request, socket, head }: Upgrade, refuse: () => void): boolean {
    if (!this.#child.connected || this.#waiting.size >= this.#maxWaiting || !stopReading(socket))
      return false;
    const id = this.#nextId++;
    this.#waiting.set(id, { socket, refuse });
    const message: HandedOver = {
      type: "upgrade",
      id,
      url: request.url ?? "/",
      headers: request.headers as HandedOver["headers"],
      head: head.toString("base64"),
    };
    // Kept open here until it is taken, so that it can still be refused.
    this.#child.send(message, socket, { keepOpen: true }, (error) => {
      if (error !== null) this.#settle(id)?.refuse();
    });
    return true;
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #onMessage(message: unknown): void {
    const taken = Taken.safeParse(message);
    // Closes this process's hold on it and no more: the connection lives as long as anybody holds it.
    if (taken.success) this.#settle(taken.data.id)?.socket.destroy();
  }

  #refuseAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.refuse();
  }
}

/**
 * Leaves what comes next in the kernel, for whoever reads there. Node does it for sockets of a server with
 * `pauseOnConnect`, and has no word for it once a request was read from one.
 */
function stopReading(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { _handle: { readStop(): number } | null };
  return handle !== null && handle.readStop() === 0 && socket.readableLength === 0;
}

/** The taking end: gives the server what this process is handed, as if it had come to it. Returns the end of that. */
export function takeHandedOver(server: Server): () => void {
  const take = (message: unknown, handle: unknown) => {
    const found = HandedOver.safeParse(message);
    if (!found.success) return;
    const taken: Taken = { type: "taken", id: found.data.id };
    process.send?.(taken);
    // Without one it was closed on the way.
    if (handle instanceof Socket) emitUpgrade(server, found.data, handle);
  };
  process.on("message", take);
  return () => process.off("message", take);
}

function emitUpgrade(server: Server, { url, headers, head }: HandedOver, socket: Socket): void {
  socket.on("error", () => socket.destroy());
  const request = new IncomingMessage(socket);
  Object.assign(request, { method: "GET", httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
  request.url = url;
  request.headers = headers;
  request.complete = true;
  request.push(null);
  server.emit("upgrade", request, socket, Buffer.from(head, "base64"));
}
