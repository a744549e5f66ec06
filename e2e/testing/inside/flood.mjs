/**
 * Runs in a session: floods a unix socket until there is a file `stop` in the folder given, and keeps count in `flood.json` there.
 *   node flood.mjs <folder> <socket> agent|egress
 * It opens as many connections as it may and does all kinds of things on them: nothing, half a request, whole ones as fast
 * as they are answered, and what is no protocol at all.
 */
import { randomBytes } from "node:crypto";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { connect } from "node:net";

const [, , folder, path, kind] = process.argv;
const longestMs = 150_000;
const connections = 900;
const counts = { opened: 0, refused: 0, closed: 0, requests: 0, answers: 0, bytesSent: 0 };
const upgrade =
  "GET /agent HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
const requests =
  kind === "agent"
    ? [`GET /transfers/${"x".repeat(43)} HTTP/1.1\r\nHost: a\r\n\r\n`, upgrade]
    : [
        "GET http://flood.example/ HTTP/1.1\r\nHost: flood.example\r\n\r\n",
        "CONNECT flood.example:443 HTTP/1.1\r\nHost: flood.example:443\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
        "GET /git/flood.example/x.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: a\r\n\r\n",
      ];
const large = randomBytes(64 * 1024);
const ways = [
  () => undefined,
  (socket) => socket.write("POST /v1/messages HTTP/1.1\r\nHost: a\r\nX-Slow: "),
  (socket) => {
    const send = () => {
      counts.bytesSent += large.length;
      if (socket.write(large)) setImmediate(send);
      else socket.once("drain", send);
    };
    send();
  },
  ...requests.map((request) => (socket) => {
    const send = () => {
      counts.requests += 1;
      socket.write(request);
    };
    socket.on("data", () => {
      counts.answers += 1;
      send();
    });
    send();
  }),
];

let open = 0;
let next = 0;
let done = false;
function dial() {
  if (done || open >= connections) return;
  open += 1;
  const way = ways[next++ % ways.length];
  const socket = connect(path);
  socket.once("connect", () => {
    counts.opened += 1;
    way(socket);
  });
  socket.on("error", ({ code }) => {
    if (code === "EAGAIN" || code === "ECONNREFUSED") counts.refused += 1;
  });
  socket.once("close", () => {
    counts.closed += 1;
    open -= 1;
    setImmediate(dial);
  });
}
for (let n = 0; n < connections; n += 1) dial();

const begun = Date.now();
setInterval(() => {
  writeFileSync(`${folder}/flood.tmp`, JSON.stringify(counts));
  renameSync(`${folder}/flood.tmp`, `${folder}/flood.json`);
  done = existsSync(`${folder}/stop`) || Date.now() - begun > longestMs;
  if (done) process.exit();
}, 100);
