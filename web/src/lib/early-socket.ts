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

/**
 * Takes over the connection that `early-socket-script.tsx` has opened, as if it had been opened now: what has come meanwhile
 * comes behind the call. Without one, or for another address, it opens one itself; so does each later connection.
 */
class EarlySocketTransport extends SocketTransport {
  override createSocket(uri: string, protocols: string | string[] | undefined, options: object): WebSocket {
    const early = window.earlySocket;
    if (early === undefined || early.socket.url !== new URL(uri).href) {
      return super.createSocket(uri, protocols, options);
    }
    delete window.earlySocket;
    const { socket, messages } = early;
    // Before this returns nobody listens.
    queueMicrotask(() => {
      if (socket.readyState === WebSocket.CONNECTING) return;
      if (socket.readyState !== WebSocket.OPEN) return socket.onclose?.(new CloseEvent("close"));
      socket.onopen?.(new Event("open"));
      for (const data of messages) socket.onmessage?.(new MessageEvent("message", { data }));
    });
    return socket;
  }
}

/** What a page connects by. Outside of browsers, where tests are, socket.io's own. */
export const socketTransports = typeof window === "undefined" ? ["websocket"] : [EarlySocketTransport];
