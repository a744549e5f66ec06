import type { Socket } from "node:net";

/** How long a connection may stay a stranger. */
const patienceMs = 5_000;
const maxStrangers = 64;
/** A handshake is a few hundred bytes; who sends more before it is over is not the api. */
const maxBytesFromStranger = 16 * 1024;

/**
 * Connections that have not proved anything yet. Programs in the session can open as many as they like: a flood
 * costs little memory, and because the one to go is chosen at random, the api's own keeps getting through.
 */
export class Strangers {
  readonly #sockets = new Map<Socket, () => void>();

  get size(): number {
    return this.#sockets.size;
  }

  admit(socket: Socket): void {
    if (this.#sockets.size >= maxStrangers) this.#dropOne();
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    const forget = () => {
      clearTimeout(timer);
      socket.off("data", destroyIfTalkative);
      this.#sockets.delete(socket);
    };
    this.#sockets.set(socket, forget);
    socket.once("close", forget);
  }

  /** From the upgrade on: before it, the HTTP parser has limits of its own. */
  limitBytes(socket: Socket): void {
    if (this.#sockets.has(socket)) socket.on("data", destroyIfTalkative);
  }

  /** It has proved who it is: from now on it may stay. */
  know(socket: Socket): void {
    this.#sockets.get(socket)?.();
  }

  #dropOne(): void {
    const sockets = [...this.#sockets.keys()];
    sockets[Math.floor(Math.random() * sockets.length)]?.destroy();
  }
}

function destroyIfTalkative(this: Socket): void {
  if (this.bytesRead > maxBytesFromStranger) this.destroy();
}
