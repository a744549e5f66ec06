import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { WebSocket } from "ws";

/** The middle of the floor: socket.io on one side, the agent's WebSocket on the other, and nothing in between. */
const [, , socketPath = ""] = process.argv;
const agent = new WebSocket(`ws+unix://${socketPath}:/`, { perMessageDeflate: false });
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, perMessageDeflate: false });
io.on("connection", (client) => {
  client.on("input", (terminal: number, data: string) => agent.send(JSON.stringify({ terminal, data })));
});
agent.on("message", (message: Buffer) => io.emit("output", message[0], message.subarray(1)));
agent.once("open", () => {
  http.listen(0, "127.0.0.1", () => {
    const { port } = http.address() as AddressInfo;
    console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
  });
});
process.on("SIGTERM", () => process.exit(0));
