import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "./lib/log.ts";
import { errorCode } from "./lib/system-errors.ts";

/** egress makes its socket when it learns of the place, which may be a moment after the agent started. */
const patienceMs = 5_000;
const retryMs = 50;

export interface Forwarder {
  /** The loopback port that leads to egress. */
  readonly port: number;
  stop(): void;
}

/**
 * 127.0.0.1:port → egress.sock, byte for byte: the one way out of the session. Each direction ends on its own,
 * so that a client may close its half and still read the answer.
 */
export async function startForwarder(port: number, egressSocket: string, log: Logger): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    track(client, sockets);
    client.on("error", () => client.destroy());
    join(client, egressSocket, sockets, log);
  });
  await listen(server, port);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the forwarder has no port");
  server.on("error", (err) => log.error({ err }, "forwarder failed"));
  return {
    port: address.port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function track(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
}

async function join(client: Socket, path: string, sockets: Set<Socket>, log: Logger): Promise<void> {
  const upstream = await reach(path, client);
  if (upstream === null) {
    if (!client.destroyed) log.warn("egress.sock cannot be reached");
    client.destroy();
    return;
  }
  track(upstream, sockets);
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on("error", () => to.destroy());
    // Ended by an error or by the agent: what is left of the other half has nobody to go to.
    from.once("close", (failed) => (failed ? to.destroy() : to.end()));
    from.pipe(to);
  }
}

/** null when nobody listens there for as long as we wait, or the client is gone first. */
async function reach(path: string, client: Socket): Promise<Socket | null> {
  const deadline = performance.now() + patienceMs;
  while (!client.destroyed) {
    const result = await tryConnect(path);
    if (typeof result !== "string") {
      if (!client.destroyed) return result;
      result.destroy();
      return null;
    }
    const mayCome = result === "ENOENT" || result === "ECONNREFUSED" || result === "EAGAIN";
    if (!mayCome || performance.now() > deadline) return null;
    await delay(retryMs);
  }
  return null;
}

function tryConnect(path: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once("error", (error) => {
      socket.destroy();
      resolve(errorCode(error) ?? "unknown");
    });
    socket.once("connect", () => resolve(socket));
  });
}
