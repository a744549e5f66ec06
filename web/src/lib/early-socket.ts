import { WebSocket as SocketTransport } from "socket.io-client";

/** A page's connection that was opened before there was anything to use it, and what has come over it. */
interface EarlySocket {
  readonly socket: WebSocket;
  readonly messages: unknown[];
}

declare global {
  interface Window {
    earlySocket?: EarlySocket;
  }
}

const greeting = "40";

/**
 * Takes over the connection that components/early-socket-script.tsx has opened, as if it had been opened now: what has
 * come meanwhile comes behind the call. Where there is none to take it opens one itself; so does each later connection.
 */
class EarlySocketTransport extends SocketTransport {
  #hasGreeted = false;

  override createSocket(uri: string, protocols: string | string[] | undefined, options: object): WebSocket {
    const early = window.earlySocket;
    delete window.earlySocket;
    // One that has ended meanwhile, while the server was started again for instance, tells nobody any more.
    if (early?.socket.url !== new URL(uri).href || early.socket.readyState > WebSocket.OPEN) {
      return super.createSocket(uri, protocols, options);
    }
    const { socket, messages } = early;
    this.#hasGreeted = socket.readyState === WebSocket.OPEN;
    // Before this returns nobody listens. One that is not open yet tells by itself.
    if (this.#hasGreeted) {
      queueMicrotask(() => {
        socket.onopen?.(new Event("open"));
        for (const data of messages) socket.onmessage?.(new MessageEvent("message", { data }));
      });
    }
    return socket;
  }

  override doWrite(...[packet, data]: Parameters<SocketTransport["doWrite"]>): void {
    const again = this.#hasGreeted && data === greeting;
    this.#hasGreeted = false;
    if (!again) super.doWrite(packet, data);
  }
}

/** What a page connects by. Outside of browsers, where tests are, socket.io's own. */
export const socketTransports = typeof window === "undefined" ? ["websocket"] : [EarlySocketTransport];
