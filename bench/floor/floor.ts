import { fileURLToPath } from "node:url";
import { io } from "socket.io-client";
import { startProgram } from "../lib/programs.ts";
import type { BenchTerminal } from "../lib/terminals.ts";

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Floor {
  readonly url: string;
  openTerminal(): BenchTerminal;
  close(): Promise<void>;
}

/**
 * The smallest program of our shape: client ⇄ socket.io ⇄ one WebSocket on a unix socket ⇄ node-pty, in as many
 * processes as ours (the gateway apart). What the product adds to it is what people wait for.
 */
export async function startFloor(): Promise<Floor> {
  const agent = await startProgram<{ socketPath: string }>(program("./agent.ts"));
  const server = await startProgram<{ url: string }>(program("./server.ts"), [agent.ready.socketPath]);
  const socket = io(server.ready.url, { transports: ["websocket"] });
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  const listeners = new Map<number, (data: Buffer) => void>();
  socket.on("output", (terminal: number, data: Buffer) => listeners.get(terminal)?.(data));
  let count = 0;
  return {
    url: server.ready.url,
    openTerminal() {
      count += 1;
      const terminal = count;
      return {
        type: (data) => void socket.emit("input", terminal, data),
        read: (listener) => void listeners.set(terminal, listener),
        close: () => void socket.emit("input", terminal, "\u0003\u0003\u0004"),
      };
    },
    async close() {
      socket.disconnect();
      await server.stop();
      await agent.stop();
    },
  };
}
