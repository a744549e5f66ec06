/**
 * Runs in a session and tries to pass for the api on an agent's socket.
 *   node speak-on-agent-socket.mjs <socket> <plain|forged> <frame, JSON> … — prints what it hears, and how it ends.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { encodeText, readTexts } from "./web-socket-frames.mjs";

const [, , socketPath, how, ...frames] = process.argv;
const heard = [];
const end = (outcome) => {
  console.log(JSON.stringify({ outcome, heard }));
  process.exit(0);
};
const send = (socket, frame) =>
  socket.write(encodeText(typeof frame === "string" ? frame : JSON.stringify(frame), { masked: true }));

/** As the api would prove itself, but with a key of its own making. */
function forgedProof(hello) {
  const { placeId } = JSON.parse(readFileSync("/run/remote-claude/in/agent.json", "utf8"));
  const nonce = randomBytes(32).toString("base64url");
  const proof = `remote-claude api ${placeId} ${hello.nonce} ${nonce}`;
  const { privateKey } = generateKeyPairSync("ed25519");
  return {
    authenticate: { nonce, signature: sign(null, Buffer.from(proof), privateKey).toString("base64url") },
  };
}

const headers = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": randomBytes(16).toString("base64"),
};
const sent = request({ socketPath, path: "/agent", headers });
sent.on("error", ({ code }) => end(code));
sent.on("response", ({ statusCode }) => end(`status ${statusCode}`));
sent.on("upgrade", (_response, socket, head) => {
  socket.on("error", () => undefined);
  socket.on("close", () => end("closed"));
  readTexts(socket, head, (text) => {
    heard.push(Object.keys(JSON.parse(text)).join());
    const { hello } = JSON.parse(text);
    if (hello === undefined) return;
    if (how === "forged") send(socket, forgedProof(hello));
    for (const frame of frames) send(socket, frame);
  });
});
sent.end();
