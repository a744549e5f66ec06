import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerError, answerWhole, Streaming } from "./answer.ts";
import { Director } from "./director.ts";
import { Gates } from "./gates.ts";
import { readModelRequest } from "./model-request.ts";

/** A request as it came, for assertions. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  readonly at: string;
}

/** Requests kept; older ones are forgotten. */
const maxRecorded = 1000;

/**
 * A stand-in for the model's HTTP interface that plays scripts. Everything `control` does can also be done over
 * HTTP, for other processes:
 *   POST /control/open|close {gate}            gates that scripts wait at
 *   POST /control/define {name, script}        POST /control/enqueue {script, session?}
 *   POST /control/default {script}             POST /control/reset
 *   GET  /control/requests                     GET  /control/waiting?gate=
 */
export class ScriptedModel {
  readonly director: Director;
  readonly gates = new Gates();
  readonly requests: RecordedRequest[] = [];
  readonly #server: Server;
  #url = "";

  constructor(options: { scripts?: string } = {}) {
    this.director = new Director(options.scripts);
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        if (!response.headersSent) answerError(response, { status: 400, message: String(error) });
        else response.destroy();
      });
    });
    // Stalled answers are meant to stand.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 60_000;
  }

  /** What ANTHROPIC_BASE_URL should be. */
  get url(): string {
    return this.#url;
  }

  /** Listens on a loopback port. */
  async listen(port = 0, host = "127.0.0.1"): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
    this.#url = `http://${host}:${(this.#server.address() as AddressInfo).port}`;
    return this.#url;
  }

  /** Listens on a unix socket instead: in the place of a session's egress. */
  async listenOn(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
  }

  /** Cuts every connection and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Requests for messages of a conversation (side calls left out). */
  get messageRequests(): RecordedRequest[] {
    return this.requests.filter(
      ({ url, body, headers }) =>
        /^\/v1\/messages(\?|$)/.test(url) && !readModelRequest(body as Record<string, unknown>, headers).side,
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const url = new URL(request.url ?? "/", "http://scripted");
    if (url.pathname.startsWith("/control/")) return this.#control(url, body, response);
    this.#record(request, body);
    if (request.method === "POST" && url.pathname === "/v1/messages") {
      return this.#messages(request, body as Record<string, unknown>, response);
    }
    if (url.pathname === "/v1/messages/count_tokens") {
      return answerJson(response, { input_tokens: Math.ceil(JSON.stringify(body).length / 4) });
    }
    if (url.pathname === "/v1/models") return answerJson(response, { data: [], has_more: false });
    // Whatever else Claude Code asks for (telemetry, settings) is answered as by a gateway that lacks it.
    if (request.method === "HEAD" || url.pathname === "/") return answerJson(response, {});
    answerError(response, { status: 404, message: `the scripted model has no ${url.pathname}` });
  }

  async #messages(request: IncomingMessage, body: Record<string, unknown>, response: ServerResponse) {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const asked = readModelRequest(body, request.headers);
    const step = this.director.next(asked);
    if (step.waitFor !== undefined && !(await this.gates.pass(step.waitFor, gone.signal))) return;
    if (step.error !== undefined) return answerError(response, step.error);
    if (!asked.stream) return answerWhole(response, step, asked);
    await new Streaming(response, this.gates, gone.signal).play(step, asked);
  }

  #record(request: IncomingMessage, body: unknown): void {
    this.requests.push({
      method: request.method ?? "",
      url: request.url ?? "",
      headers: { ...request.headers },
      body,
      at: new Date().toISOString(),
    });
    if (this.requests.length > maxRecorded) this.requests.shift();
  }

  async #control(url: URL, body: unknown, response: ServerResponse): Promise<void> {
    const given = (body ?? {}) as Record<string, unknown>;
    const gate = String(given.gate ?? url.searchParams.get("gate") ?? "");
    const actions: Record<string, () => unknown> = {
      open: () => this.gates.open(gate),
      close: () => this.gates.close(gate),
      waiting: () => ({ waiting: this.gates.waiting(gate) }),
      define: () => this.director.define(String(given.name), given.script),
      enqueue: () => this.director.enqueue(given.script, given.session as string | undefined),
      default: () => this.director.setDefault(given.script),
      requests: () => ({ requests: this.requests }),
      reset: () => {
        this.requests.length = 0;
        this.director.reset();
      },
    };
    const action = actions[url.pathname.slice("/control/".length)];
    if (action === undefined) return answerError(response, { status: 404, message: "no such control" });
    answerJson(response, action() ?? {});
  }
}

function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? null : JSON.parse(text);
}
