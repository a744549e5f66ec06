/**
 * Stands in for every service in the supervisor's tests: listens where its environment says, answers with what it
 * was asked, and misbehaves on demand.
 */
import { createServer } from "node:http";

const { env } = process;
const name = process.argv[1].split("/").at(-3);
const port = Number(env.API_PORT ?? env.EGRESS_PORT ?? env.MANAGER_PORT ?? env.WEB_PORT);

const config = {
  version: "0.0.0",
  mode: "standalone",
  signIn: { password: true, providers: [] },
  isolation: "bubblewrap",
  gitUnavailable: null,
  modelKeyConfigured: false,
  templates: [],
};

const answers = {
  "/internal/sign-in-links": () => ({ token: "one-time-token" }),
  "/api/config": () => config,
  "/api/environment": () => env,
  "/api/pid": () => ({ pid: process.pid }),
  "/environment": () => env,
};

const server = createServer((request, response) => {
  if (request.url === "/api/crash") {
    console.error("the fixture was told to crash");
    process.exit(3);
  }
  if (request.url === "/api/hang") {
    response.end();
    for (;;);
  }
  const answer = answers[request.url]?.() ?? { name, url: request.url, headers: request.headers };
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
});
process.on("SIGTERM", () => process.exit(0));
server.listen(port, "127.0.0.1", () => {
  console.log(JSON.stringify({ level: 30, time: Date.now(), msg: "listening" }));
});
