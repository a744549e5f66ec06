/** Runs in a session: what happens to a direct connection to each `host:port` or path given as an argument. */
import { connect } from "node:net";

const dial = (target) =>
  new Promise((resolve) => {
    const split = target.lastIndexOf(":");
    const socket = target.startsWith("/")
      ? connect({ path: target })
      : connect({ host: target.slice(0, split), port: Number(target.slice(split + 1)) });
    const answer = (text) => {
      socket.destroy();
      resolve([target, text]);
    };
    socket.setTimeout(5000, () => answer("timeout"));
    socket.once("connect", () => answer("connected"));
    socket.once("error", ({ code }) => answer(code));
  });
console.log(JSON.stringify(Object.fromEntries(await Promise.all(process.argv.slice(2).map(dial)))));
