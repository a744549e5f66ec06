/**
 * Starts the web process: `node server.mjs` serves what `next build` made, `--dev` builds on request and reloads.
 * Plain JavaScript, so that whoever supervises it needs no build of its own.
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { settingsExitStatus } from "@remote-claude/service/settings";
import { config } from "./src/config.ts";
import { guardPages } from "./src/server/guard-pages.ts";
import { pageFiles, serveStatic } from "./src/server/serve-static.ts";

const directory = fileURLToPath(new URL(".", import.meta.url));
const dev = process.argv.includes("--dev");
const log = (level, message, more = {}) =>
  process.stdout.write(
    `${JSON.stringify({ level, time: Date.now(), name: "web", msg: message, ...more })}\n`,
  );

let settings;
try {
  settings = config();
} catch (error) {
  log("fatal", error.message);
  process.exit(settingsExitStatus);
}

// In production it comes with the pages, from the same folder: what `npm start` finds there later is whole.
if (dev) {
  const { buildMonaco } = await import(new URL("./build-monaco.mjs", import.meta.url).href);
  await buildMonaco();
}

// After `config()`, which sets what Next reads from the environment while it loads.
const { default: next } = await import("next");
const server = createServer();
const app = next({
  dev,
  dir: directory,
  httpServer: server,
  hostname: settings.WEB_HOST,
  port: settings.WEB_PORT,
  quiet: true,
});

let ending = false;
async function end(signal) {
  if (ending) return;
  ending = true;
  log("info", "ending", { signal });
  server.close();
  server.closeAllConnections();
  await app.close().catch(() => undefined);
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, end);

server.on("error", (error) => {
  log("fatal", error.code === "EADDRINUSE" ? `port ${settings.WEB_PORT} is taken` : error.message);
  process.exit(1);
});

await app.prepare();
const handle = app.getRequestHandler();
const guardPage = guardPages({ dev });
const answerStatic = dev ? () => false : serveStatic(pageFiles(directory));
server.on("request", (request, response) => {
  if (answerStatic(request, response) || guardPage(request, response)) return;
  handle(request, response).catch((error) => {
    log("error", "a request failed", { url: request.url, error: String(error?.stack ?? error) });
    if (!response.headersSent) response.statusCode = 500;
    response.end();
  });
});
server.listen(settings.WEB_PORT, settings.WEB_HOST, () => {
  log("info", "listening", { host: settings.WEB_HOST, port: server.address().port, dev });
});
