import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

let server: Server;
let url: string;
/** Connections, and those that were greeted on. */
let opened = 0;
let greeted = 0;
let client: Socket;

beforeEach(async () => {
  [opened, greeted] = [0, 0];
  const http = createServer();
  server = new Server(http, { path: "/socket.io", transports: ["websocket"] });
  server.engine.on("connection", () => (opened += 1));
  server.on("connection", (socket) => {
    greeted += 1;
    socket.on("ask", (answer: (text: string) => void) => answer("yes"));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  client?.disconnect();
  vi.unstubAllGlobals();
  await server.close();
});

/** As components/early-socket-script.tsx does it. */
function openEarly() {
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const messages: unknown[] = [];
  socket.onopen = () => socket.send("40");
  socket.onmessage = ({ data }) => messages.push(data);
  vi.stubGlobal("window", { earlySocket: { socket, messages } });
  return { socket, messages };
}

async function connect() {
  vi.resetModules();
  const { socketTransports } = await import("./early-socket.ts");
  client = io(url, { transports: socketTransports, reconnection: false, forceNew: true, timeout: 2000 });
  await new Promise<void>((resolve, reject) => client.on("connect", resolve).on("connect_error", reject));
  return client.timeout(2000).emitWithAck("ask");
}

describe("the connection that a page opens early", () => {
  it("is taken over when the server has answered its greeting, which is not sent again", async () => {
    const { messages } = openEarly();
    await vi.waitFor(() => expect(messages).toHaveLength(2));
    expect(await connect()).toBe("yes");
    expect([opened, greeted]).toEqual([1, 1]);
  });

  it("is taken over while it is still being opened", async () => {
    openEarly();
    expect(await connect()).toBe("yes");
    expect([opened, greeted]).toEqual([1, 1]);
  });

  it("is left alone when it has ended meanwhile", async () => {
    const { socket, messages } = openEarly();
    await vi.waitFor(() => expect(messages).toHaveLength(2));
    socket.close();
    await vi.waitFor(() => expect(socket.readyState).toBe(WebSocket.CLOSED));
    expect(await connect()).toBe("yes");
    expect([opened, greeted]).toEqual([2, 2]);
  });
});
