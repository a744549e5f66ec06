import type { ErrorBody } from "@remote-claude/protocol";
import { io, type Socket } from "socket.io-client";
import type { Anything } from "./client.ts";
import type { TestApi } from "./start-api.ts";

export interface HeardEvent {
  readonly type: string;
  readonly sessionId: string | null;
  readonly payload: Anything;
}

/** A browser's connection: what it heard, and how it asks. */
export interface TestSocket {
  readonly socket: Socket;
  readonly heard: HeardEvent[];
  /** The payloads of the events of that type. */
  of(type: string): Anything[];
  send(
    type: unknown,
    sessionId: unknown,
    payload?: unknown,
  ): Promise<{ ok: boolean; payload?: Anything; error?: ErrorBody }>;
}

/** Connects as a browser does; rejects with the reason when it is not let in. End it with `socket.disconnect()`. */
export async function connectSocket(
  api: TestApi,
  headers: Record<string, string>,
  auth: Record<string, unknown> = {},
): Promise<TestSocket> {
  const socket = io(api.client.origin, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    extraHeaders: headers,
    auth,
  });
  const heard: HeardEvent[] = [];
  socket.on("event", (type, sessionId, payload) => heard.push({ type, sessionId, payload }));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return {
    socket,
    heard,
    of: (type) => heard.filter((event) => event.type === type).map(({ payload }) => payload),
    send: (type, sessionId, payload = {}) =>
      socket.timeout(20_000).emitWithAck("command", type, sessionId, payload),
  };
}
