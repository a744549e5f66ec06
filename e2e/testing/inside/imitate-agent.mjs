/**
 * Runs in a session: puts a socket of its own in the place of agent.sock, greets as the agent does, and writes down
 * whatever it is told (to the file given) in case anybody believes it.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { appendFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { encodeText, readTexts } from "./web-socket-frames.mjs";

const path = "/run/remote-claude/out/agent.sock";
const say = (line) => appendFileSync(process.argv[2], `${line}\n`);
const server = createServer((request, response) => {
  say(`request ${request.method} ${request.url}`);
  response.end();
});
server.on("upgrade", (request, socket, head) => {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on("error", () => undefined);
  const send = (frame) => socket.write(encodeText(JSON.stringify(frame), { masked: false }));
  send({ hello: { protocolVersion: 1, nonce: randomBytes(32).toString("base64url") } });
  readTexts(socket, head, (text) => {
    const frame = JSON.parse(text);
    say(Object.keys(frame).join());
    if (frame.authenticate === undefined) return;
    const agent = {
      bootId: randomUUID(),
      agentVersion: "0",
      claudeVersion: null,
      gitAvailable: false,
      permissionModes: [],
    };
    send({ welcome: { mac: randomBytes(32).toString("base64url"), agent } });
  });
});
rmSync(path, { force: true });
process.umask(0o007);
server.listen(path, () => say("listening"));
