import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import { WebSocketServer } from "ws";

/** The far end of the floor: shells behind one WebSocket on a unix socket. A frame's first byte names the terminal. */
const directory = mkdtempSync(join(tmpdir(), "bench-floor-"));
const socketPath = join(directory, "agent.sock");
const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  const terminals = new Map<number, IPty>();
  const open = (number: number) => {
    const options = {
      cols: 120,
      rows: 30,
      cwd: directory,
      env: { ...process.env, PS1: "$ " },
      encoding: null,
    };
    const pty = spawn("/bin/bash", ["--norc", "--noprofile"], options);
    pty.onData((data) => socket.send(Buffer.concat([Buffer.of(number), data as unknown as Buffer])));
    terminals.set(number, pty);
    return pty;
  };
  socket.on("message", (message) => {
    const { terminal, data } = JSON.parse(String(message)) as { terminal: number; data: string };
    (terminals.get(terminal) ?? open(terminal)).write(data);
  });
  socket.on("close", () => {
    for (const pty of terminals.values()) pty.kill();
  });
});
server.listen(socketPath, () => console.log(JSON.stringify({ socketPath })));
process.on("SIGTERM", () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
