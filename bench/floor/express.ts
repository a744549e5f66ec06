import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { AddressInfo } from "node:net";
import express from "express";
import helmet from "helmet";
import { pinoHttp } from "pino-http";

/**
 * Express 5 with twelve middlewares of the usual kind (log, headers, cookies, token, bodies), answering one body that
 * it holds as an object. No database: this is what any program of Express' pays for a list of that size.
 */
let body: unknown = {};
const app = express();

app.use(
  pinoHttp({
    autoLogging: true,
    genReqId: () => randomUUID(),
    // Written, as ours is, but to nowhere.
    stream: createWriteStream("/dev/null"),
  }),
);
app.use((request, response, next) => {
  response.setHeader("X-Request-Id", String(request.id));
  next();
});
app.use(helmet());
app.use((_, response, next) => {
  response.setHeader("Cache-Control", "no-store");
  next();
});
app.use((request, response, next) => {
  response.locals.address = request.headers["x-forwarded-for"] ?? request.socket.remoteAddress;
  next();
});
app.use((request, response, next) => {
  const origin = request.headers.origin;
  if (origin !== undefined && !origin.startsWith("http://127.0.0.1")) response.status(403);
  next();
});
app.use((request, response, next) => {
  response.locals.cookies = new URLSearchParams(request.headers.cookie?.replaceAll("; ", "&"));
  next();
});
app.use((request, response, next) => {
  const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
  response.locals.token = createHash("sha256").update(token).digest("hex");
  next();
});
app.use(express.json({ limit: "2mb" }));
app.use(express.urlencoded({ extended: false }));
app.use(express.text());
app.use((request, response, next) => {
  response.locals.query = Object.keys(request.query).length;
  next();
});
app.put("/body", (request, response) => {
  body = request.body as unknown;
  response.end();
});
app.get("/api/sessions", (_, response) => void response.json(body));

const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
process.on("SIGTERM", () => process.exit(0));
