/** Runs in a session: asks the way out for an absolute URL (by GET) or a host:port (by CONNECT), one after the other. */
import { request } from "node:http";

const ask = (target) =>
  new Promise((resolve, reject) => {
    const options = target.startsWith("http") ? { path: target } : { method: "CONNECT", path: target };
    const socketPath = "/run/remote-claude/in/egress.sock";
    const sent = request({
      socketPath,
      ...options,
      headers: JSON.parse(process.env.HEADERS ?? "{}"),
      agent: false,
    });
    const take = async (response, socket) => {
      const parts = [];
      for await (const part of socket ?? response) parts.push(part);
      resolve([target, { status: response.statusCode, text: Buffer.concat(parts).toString().trim() }]);
    };
    sent.on("response", (response) => take(response).catch(reject));
    sent.on("connect", (response, socket, head) => {
      socket.unshift(head);
      take(response, socket).catch(reject);
    });
    sent.on("error", reject);
    sent.end();
  });
const answers = [];
for (const target of process.argv.slice(2)) answers.push(await ask(target));
console.log(JSON.stringify(Object.fromEntries(answers)));
