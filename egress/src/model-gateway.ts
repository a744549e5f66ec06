import type { IncomingMessage, ServerResponse } from "node:http";
import { newId } from "@remote-claude/prisma";
import { isModelAllowed } from "@remote-claude/protocol";
import type { Logger } from "pino";
import type { EgressAudit, Speaker } from "./audit.ts";
import type { Batcher } from "./batcher.ts";
import type { Budgets } from "./budget.ts";
import type { ModelKey } from "./config.ts";
import { type Forwarded, forward } from "./forward.ts";
import { endToEnd } from "./headers.ts";
import { createMeter, type Meter } from "./metering.ts";
import type { EgressMetrics } from "./metrics.ts";
import {
  answerModelError,
  badRequest,
  budgetSpent,
  budgetUnknown,
  farLimitEnd,
  keyMissing,
  keyRejected,
  limitReached,
  modelNotAllowed,
  modelUnreachable,
  noOccupant,
  notServed,
  tooLarge,
  tooMany,
} from "./model-answers.ts";
import { createHolds, maxHeldOfPlace, modelHeaders, modelOf, peekModel, readWhole } from "./model-request.ts";
import type { Occupant, UsageRow } from "./store.ts";
import { describe, type Upstream } from "./upstream.ts";

export interface ModelGatewayOptions {
  readonly key: ModelKey | null;
  readonly baseUrl: URL;
  readonly upstream: Upstream;
  readonly budgets: Budgets;
  readonly usage: Pick<Batcher<UsageRow>, "add">;
  readonly audit: EgressAudit;
  readonly metrics: Pick<EgressMetrics, "modelAdded" | "modelFirstByte">;
  readonly log: Logger;
  /** A model may think in silence for minutes. */
  readonly idleTimeoutMs?: number;
}

export interface ModelGateway {
  /** `path` is the request's path without its query. */
  handle(speaker: Speaker, request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
}

/**
 * What Claude Code calls, and no more: the key would open the organisation's files, batches and settings too, which
 * belong to no session and some of which no meter sees.
 */
const served: readonly { readonly method: string; readonly path: RegExp; readonly metered: boolean }[] = [
  { method: "POST", path: /^\/v1\/messages$/, metered: true },
  { method: "POST", path: /^\/v1\/messages\/count_tokens$/, metered: false },
  { method: "GET", path: /^\/v1\/models$/, metered: false },
  { method: "GET", path: /^\/v1\/models\/(?!\.\.?$)[A-Za-z0-9._:-]{1,200}$/, metered: false },
];

interface Exchange {
  readonly speaker: Speaker;
  readonly occupant: Occupant;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly metered: boolean;
  readonly startedAt: number;
  model: string | null;
}

export function createModelGateway(options: ModelGatewayOptions): ModelGateway {
  const { key, audit } = options;
  const holdBodies = createHolds(maxHeldOfPlace);
  return {
    async handle(speaker, request, response, path) {
      const arrivedAt = performance.now();
      const method = request.method ?? "GET";
      if (path === "/api/hello" && (method === "HEAD" || method === "GET")) {
        // Claude Code opens its connection with this.
        answerHello(request, response);
        return;
      }
      const route = served.find((candidate) => candidate.method === method && candidate.path.test(path));
      const refuse = (
        reason: string,
        answer: Parameters<typeof answerModelError>[1],
        model: string | null,
      ) => {
        request.resume();
        audit.modelRefused({ speaker, method, path: path.slice(0, 500), model }, reason);
        answerModelError(response, answer);
      };
      if (route === undefined) return refuse("not-served", notServed, null);
      const { occupant } = speaker;
      if (occupant?.userActive !== true) return refuse("no-active-user", noOccupant, null);
      if (key === null) return refuse("key-missing", keyMissing, null);

      const lists = occupant.allowedModels.filter((list) => list.length > 0);
      const restricted = lists.length > 0 && method === "POST";
      let body: Buffer | undefined;
      let model: string | null = null;
      using held = holdBodies(speaker.placeId);
      if (restricted) {
        const whole = await readWhole(request, held.take).catch(() => undefined);
        if (whole === undefined) return;
        if (whole === "too-large") return refuse("too-large", tooLarge, null);
        if (whole === "too-many") return refuse("too-many", tooMany, null);
        body = whole;
        model = modelOf(whole);
        const asked = model;
        if (asked === null || !lists.every((list) => isModelAllowed(asked, list))) {
          return refuse("model-not-allowed", modelNotAllowed(model), model);
        }
      }
      if (route.metered && occupant.monthlyBudgetUsd !== null) {
        const verdict = await options.budgets.checkBudget(occupant);
        if (!verdict.within) {
          const spent = verdict.reason === "spent";
          const answer = spent ? budgetSpent(verdict.budgetUsd, verdict.resetsAt) : budgetUnknown;
          return refuse(spent ? "budget-exceeded" : "budget-unknown", answer, model);
        }
      }
      const { metered } = route;
      const startedAt = performance.now();
      options.metrics.modelAdded.observe({}, (startedAt - arrivedAt) / 1000);
      await passOn(
        options,
        key,
        { speaker, occupant, request, response, path, metered, startedAt, model },
        body,
      );
    },
  };
}

function answerHello(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(request.method === "HEAD" ? undefined : '{"message":"hello"}');
}

async function passOn(
  options: ModelGatewayOptions,
  key: ModelKey,
  exchange: Exchange,
  body: Buffer | undefined,
): Promise<void> {
  const { upstream, baseUrl, audit, idleTimeoutMs = 600_000 } = options;
  const { speaker, request, response, path } = exchange;
  const method = request.method ?? "GET";
  let meter: Meter | undefined;
  let ttfbMs: number | null = null;
  let upstreamId: string | null = null;
  if (exchange.model === null) {
    request.once("data", (chunk: Buffer) => {
      exchange.model = peekModel(chunk);
    });
    // The listener alone would start the flow before the other end is there.
    request.pause();
  }
  const result = await forward({
    request,
    response,
    ...(body === undefined ? {} : { body }),
    idleTimeoutMs,
    open: () => openModel(upstream, baseUrl, key, exchange, body),
    onAnswer(answer) {
      const firstByteMs = performance.now() - exchange.startedAt;
      ttfbMs = Math.round(firstByteMs);
      options.metrics.modelFirstByte.observe({}, firstByteMs / 1000);
      upstreamId = String(answer.headers["request-id"] ?? "").slice(0, 200) || null;
      audit.modelRequested({ speaker, method, path, model: exchange.model }, answer.statusCode ?? 0);
      if (exchange.metered) {
        meter = createMeter(
          String(answer.headers["content-type"] ?? ""),
          String(answer.headers["content-encoding"] ?? ""),
        );
      }
      // Claude Code would take the endpoint's own words for a session that has to log in, and go on trying.
      if (answer.statusCode === 401) return { replace: () => answerModelError(response, keyRejected) };
      const limitEnd = answer.statusCode === 429 ? farLimitEnd(answer.headers) : null;
      if (limitEnd !== null) return { replace: () => answerModelError(response, limitReached(limitEnd)) };
      return { headers: endToEnd(answer.rawHeaders, (name) => name === "set-cookie") };
    },
    onChunk: (chunk) => meter?.take(chunk),
  });
  if (result.outcome === "failed") answerFailure(exchange, result, audit, method);
  else if (result.status === 0) audit.modelRequested({ speaker, method, path, model: exchange.model }, 0);
  if (exchange.metered) await record(options, exchange, result, { meter, ttfbMs, upstreamId });
}

function openModel(
  upstream: Upstream,
  baseUrl: URL,
  key: ModelKey,
  exchange: Exchange,
  body: Buffer | undefined,
) {
  const { request } = exchange;
  const secure = baseUrl.protocol === "https:";
  const headers = modelHeaders(request, baseUrl.host, key);
  // A body that was read whole has a length, however it came.
  const chunked = body === undefined ? -1 : headers.indexOf("transfer-encoding");
  if (chunked >= 0 && body !== undefined) headers.splice(chunked, 2, "content-length", String(body.length));
  return upstream.request(
    { host: baseUrl.hostname, port: Number(baseUrl.port || (secure ? 443 : 80)), addresses: null },
    {
      secure,
      method: request.method ?? "GET",
      // What was checked, and its query: behind a `#` could stand what another server takes for more of the path.
      path: `${baseUrl.pathname.replace(/\/$/, "")}${exchange.path}${queryOf(request.url ?? "")}`,
      headers,
    },
  );
}

const queryOf = (url: string) => /^[^?#]*(\?[^#]*)?/.exec(url)?.[1] ?? "";

function answerFailure(exchange: Exchange, { error }: Forwarded, audit: EgressAudit, method: string): void {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  const theirs =
    code === "ERR_INVALID_CHAR" ||
    code === "ERR_UNESCAPED_CHARACTERS" ||
    code === "ERR_HTTP_INVALID_HEADER_VALUE";
  const { speaker, path, model, response } = exchange;
  audit.modelRefused({ speaker, method, path, model }, theirs ? "bad-request" : "model-unreachable");
  answerModelError(response, theirs ? badRequest : modelUnreachable(describe(error)));
}

async function record(
  { usage, budgets, log }: ModelGatewayOptions,
  { occupant, model, startedAt }: Exchange,
  { status, outcome }: Forwarded,
  {
    meter,
    ttfbMs,
    upstreamId,
  }: { meter: Meter | undefined; ttfbMs: number | null; upstreamId: string | null },
): Promise<void> {
  const at = new Date();
  const durationMs = Math.round(performance.now() - startedAt);
  const metered = await meter?.finish(model);
  const name = metered?.model ?? model ?? "unknown";
  if (metered !== undefined && status === 200 && (!metered.priceExact || metered.estimated)) {
    const { priceExact, estimated } = metered;
    log.warn({ model: name, priceExact, estimated, outcome }, "usage is not exact");
  }
  budgets.spent(occupant.userId, metered?.costUsd ?? 0);
  usage.add({
    id: newId(at.getTime()),
    at,
    userId: occupant.userId,
    sessionId: occupant.sessionId,
    model: name,
    inputTokens: metered?.usage.inputTokens ?? 0,
    outputTokens: metered?.usage.outputTokens ?? 0,
    cacheReadTokens: metered?.usage.cacheReadTokens ?? 0,
    cacheWriteTokens: metered?.usage.cacheWriteTokens ?? 0,
    costUsd: metered?.costUsd ?? 0,
    status,
    durationMs,
    ttfbMs,
    upstreamId,
  });
}
