// Long because every way of the model gateway shares one harness, and reads best as one list of promises.
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net from "node:net";
import { gzipSync } from "node:zlib";
import { findModelError, limitEndIn } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Egress } from "./egress.ts";
import {
  ask,
  createHarness,
  type Harness,
  type Served,
  serve,
  shortAnswer,
  sse,
  type TestPlace,
} from "./testing/harness.ts";

let harness: Harness;
let place: TestPlace;
let upstream: Served;
let egress: Egress | undefined;
/** What the endpoint answers in this test. */
let script: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
let seen: { request: IncomingMessage; body: Buffer }[] = [];

const body = JSON.stringify({ model: "claude-opus-5-5", stream: true, messages: [] });
const streamed = { "content-type": "text/event-stream", "request-id": "req_123" };

beforeAll(async () => {
  harness = await createHarness();
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const whole = Buffer.concat(chunks);
      seen.push({ request, body: whole });
      script(request, response, whole);
    });
  });
  upstream = await serve(server);
});
beforeEach(async () => {
  seen = [];
  script = (_request, response) =>
    response.writeHead(200, streamed).end(shortAnswer("claude-opus-5-5", "hi"));
  place = await harness.addPlace();
});
afterEach(async () => {
  await egress?.stop();
  egress = undefined;
});
afterAll(async () => {
  await upstream.close();
  await harness.end();
});

async function start(environment: Record<string, string> = {}, options = {}) {
  egress = await harness.start(
    { ANTHROPIC_BASE_URL: `http://127.0.0.1:${upstream.port}`, ...environment },
    options,
  );
}

const post = (overrides: Partial<Parameters<typeof ask>[1]> = {}) =>
  ask(place.socketPath, {
    method: "POST",
    path: "/v1/messages?beta=true",
    headers: { "content-type": "application/json" },
    body,
    ...overrides,
  });

async function usageRows() {
  await egress?.flush();
  return harness.database.db.modelUsage.findMany({ where: { sessionId: place.sessionId } });
}
async function auditRows(action: string) {
  await egress?.flush();
  return harness.database.db.auditLog.findMany({ where: { sessionId: place.sessionId, action } });
}

/** `reset`: seconds from now, written as the endpoint writes it. */
interface LimitHeaders {
  readonly "retry-after"?: string;
  readonly "anthropic-ratelimit-unified-status"?: string;
  readonly reset?: number;
}

describe("what goes to the endpoint", () => {
  it("carries the real key, and nothing the session said of who it is", async () => {
    await start();
    await post({
      headers: {
        "content-type": "application/json",
        "x-api-key": "worthless",
        authorization: "Bearer worthless",
        cookie: "a=b",
        "proxy-authorization": "Basic x",
        "x-forwarded-for": "1.2.3.4",
        "anthropic-beta": "claude-code-20250219",
        "anthropic-version": "2023-06-01",
        "accept-encoding": "gzip, br",
        connection: "keep-alive, x-secret-hop",
        "x-secret-hop": "1",
        "x-http-method-override": "DELETE",
        "x-original-url": "/v1/files",
      },
    });
    const { headers, url } = seen[0]?.request ?? {};
    expect(url).toBe("/v1/messages?beta=true");
    expect(headers).toMatchObject({
      "x-api-key": "sk-real-key",
      "anthropic-beta": "claude-code-20250219",
      "anthropic-version": "2023-06-01",
      "accept-encoding": "identity",
      host: `127.0.0.1:${upstream.port}`,
    });
    for (const name of [
      "authorization",
      "cookie",
      "proxy-authorization",
      "x-forwarded-for",
      "x-secret-hop",
      "x-http-method-override",
      "x-original-url",
    ]) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(seen[0]?.body.toString()).toBe(body);
  });

  it("is the path that was checked, with its query, and nothing that stands behind a fragment", async () => {
    await start();
    await post({ path: "/v1/messages#/../files" });
    await post({ path: "/v1/messages?beta=true#/../../v1/files" });
    expect(seen.map(({ request }) => request.url)).toEqual(["/v1/messages", "/v1/messages?beta=true"]);
  });

  it("carries an auth token as a Bearer", async () => {
    await start({ ANTHROPIC_API_KEY: "", ANTHROPIC_AUTH_TOKEN: "tok" });
    await post({ headers: { "x-api-key": "worthless", "anthropic-beta": "one" } });
    expect(seen[0]?.request.headers).toMatchObject({ authorization: "Bearer tok", "anthropic-beta": "one" });
    expect(seen[0]?.request.headers).not.toHaveProperty("x-api-key");
  });

  it("carries an OAuth token as a Bearer, with the beta merged into the session's own", async () => {
    await start({ ANTHROPIC_API_KEY: "", CLAUDE_CODE_OAUTH_TOKEN: "oat" });
    await post({ headers: { "anthropic-beta": "one, two" } });
    expect(seen[0]?.request.headers).toMatchObject({
      authorization: "Bearer oat",
      "anthropic-beta": "one,two,oauth-2025-04-20",
    });
  });

  it("keeps a base URL's path and a body without a length", async () => {
    await start({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${upstream.port}/gateway/` });
    await post({ headers: { "transfer-encoding": "chunked" } });
    expect(seen[0]?.request.url).toBe("/gateway/v1/messages?beta=true");
    expect(seen[0]?.body.toString()).toBe(body);
  });

  it("is only what Claude Code calls", async () => {
    await start();
    for (const path of [
      "/v1/files",
      "/v1/messages/batches",
      "/v1/organizations/users",
      "/v1/messages/../files",
      "/api/oauth/usage",
    ]) {
      expect((await post({ path })).status, path).toBe(404);
    }
    for (const path of ["/v1/models/..", "/v1/models/.", "/v1/models/a%2f..", "/v1/models/a/b"])
      expect((await ask(place.socketPath, { path })).status, path).toBe(404);
    expect(seen).toHaveLength(0);
    expect((await ask(place.socketPath, { method: "HEAD", path: "/api/hello" })).status).toBe(200);
    expect((await post({ path: "/v1/messages/count_tokens?beta=true" })).status).toBe(200);
    expect((await ask(place.socketPath, { path: "/v1/models?limit=5" })).status).toBe(200);
    expect(seen.map(({ request }) => request.url)).toEqual([
      "/v1/messages/count_tokens?beta=true",
      "/v1/models?limit=5",
    ]);
    expect(await usageRows()).toHaveLength(0);
  });
});

describe("the answer", () => {
  it("comes byte for byte, and is metered on its way", async () => {
    const answer = shortAnswer("claude-opus-5-5", "hé", {
      cache_read_input_tokens: 1000,
      cache_creation_input_tokens: 100,
    });
    script = (_request, response) =>
      response.writeHead(200, { ...streamed, "set-cookie": "x=1" }).end(answer);
    await start();
    const got = await post();
    expect(got.text).toBe(answer);
    expect(got.headers).not.toHaveProperty("set-cookie");
    const [row, ...others] = await vi.waitUntil(async () => {
      const rows = await usageRows();
      return rows.length > 0 && rows;
    });
    expect(others).toHaveLength(0);
    expect(row).toMatchObject({
      userId: place.userId,
      model: "claude-opus-5-5",
      inputTokens: 10,
      outputTokens: 5,
      cacheReadTokens: 1000,
      cacheWriteTokens: 100,
      status: 200,
      upstreamId: "req_123",
    });
    // 10 × $4 + 5 × $20 + 1000 × $0.20 + 100 × $5, per million.
    expect(row?.costUsd.toNumber()).toBeCloseTo(0.00084, 8);
    const session = await harness.database.db.session.findUniqueOrThrow({ where: { id: place.sessionId } });
    expect(session.costUsd.toNumber()).toBeCloseTo(0.00084, 8);
    expect(await auditRows("model.requested")).toMatchObject([
      {
        actorKind: "claude",
        userId: place.userId,
        target: "claude-opus-5-5",
        details: { status: 200, path: "/v1/messages" },
      },
    ]);
  });

  it("arrives piece by piece, headers before the first", async () => {
    let push: (text: string) => void = () => undefined;
    let end: () => void = () => undefined;
    script = (_request, response) => {
      response.writeHead(200, streamed).flushHeaders();
      push = (text) => response.write(text);
      end = () => response.end();
    };
    await start();
    const pieces: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = http.request(
        { socketPath: place.socketPath, method: "POST", path: "/v1/messages" },
        (answer) => {
          answer.setEncoding("utf8");
          answer.on("data", (text: string) => {
            pieces.push(text);
            // Only what arrived before the next piece is sent counts as undelayed.
            if (pieces.length < 5) push(`event: ping\ndata: {"n":${pieces.length}}\n\n`);
            else end();
          });
          answer.once("end", resolve);
          push("event: ping\ndata: {}\n\n");
        },
      );
      request.once("error", reject);
      request.end(body);
    });
    expect(pieces).toHaveLength(5);
  });

  it("may be JSON, or compressed against our asking, and is metered all the same", async () => {
    const message = {
      model: "claude-haiku-4-5",
      type: "message",
      content: [],
      usage: { input_tokens: 7, output_tokens: 3 },
    };
    const zipped = gzipSync(JSON.stringify(message));
    script = (_request, response) =>
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(zipped);
    await start();
    const got = await post();
    expect(got.body.equals(zipped)).toBe(true);
    expect(got.headers["content-encoding"]).toBe("gzip");
    await vi.waitFor(async () =>
      expect(await usageRows()).toMatchObject([
        { model: "claude-haiku-4-5", inputTokens: 7, outputTokens: 3 },
      ]),
    );
  });

  it("of 429, 500 and 529 passes as it is, with what it says of retrying", async () => {
    await start();
    for (const status of [429, 500, 529]) {
      const error = JSON.stringify({ type: "error", error: { type: "x", message: `said ${status}` } });
      script = (_request, response) =>
        response
          .writeHead(status, {
            "content-type": "application/json",
            "retry-after": "7",
            "x-should-retry": "true",
          })
          .end(error);
      const got = await post();
      expect(got).toMatchObject({ status, text: error });
      expect(got.headers).toMatchObject({ "retry-after": "7", "x-should-retry": "true" });
    }
    await vi.waitFor(async () =>
      expect((await usageRows()).map(({ status }) => status).sort()).toEqual([429, 500, 529]),
    );
  });

  it("of 401 is put so that Claude Code does not take it for its own and stops trying", async () => {
    script = (_request, response) =>
      response.writeHead(401, { "content-type": "application/json" }).end("{}");
    await start();
    const got = await post();
    expect(got.status).toBe(401);
    expect(got.headers).toMatchObject({ "x-should-retry": "false", "x-remote-claude-error": "key-rejected" });
    expect(findModelError(got.text)).toMatchObject({ reason: "key-rejected" });
  });

  it.each([
    [{ "retry-after": "7200" }, 7200],
    [{ "anthropic-ratelimit-unified-status": "rejected", reset: 3 * 86_400, "retry-after": "5" }, 3 * 86_400],
  ])(
    "of 429 under %j says when the limit ends",
    async ({ reset, ...headers }: LimitHeaders, seconds: number) => {
      const now = Math.floor(Date.now() / 1000);
      const resetAt = reset === undefined ? {} : { "anthropic-ratelimit-unified-reset": String(now + reset) };
      script = (_request, response) => response.writeHead(429, { ...headers, ...resetAt }).end("{}");
      await start();
      const got = await post();
      expect(got).toMatchObject({ status: 429, headers: { "x-should-retry": "false" } });
      const { error } = JSON.parse(got.text) as { error: { message: string } };
      const marked = findModelError(error.message);
      expect(marked?.reason).toBe("rate-limited");
      const endsAt = Date.parse(limitEndIn(marked?.message ?? "") ?? "") / 1000;
      expect(endsAt).toBeGreaterThanOrEqual(now + seconds);
      expect(endsAt).toBeLessThan(Date.now() / 1000 + seconds + 1);
    },
  );

  it.each([{ "retry-after": "1e300" }, { "retry-after": "soon" }, { "retry-after": "-7" }])(
    "of 429 under %j, which names no time, is the endpoint's own",
    async (headers) => {
      script = (_request, response) => response.writeHead(429, headers).end("as it is");
      await start();
      expect(await post()).toMatchObject({ status: 429, text: "as it is" });
    },
  );

  it("that is cut reaches the session cut, and what came of it is metered by its length", async () => {
    const head = sse(
      [
        "message_start",
        { message: { model: "claude-opus-5-5", usage: { input_tokens: 10, output_tokens: 1 } } },
      ],
      ["content_block_delta", { index: 0, delta: { type: "text_delta", text: "x".repeat(400) } }],
    );
    script = (_request, response) => {
      response.writeHead(200, streamed).write(head, () => response.destroy());
    };
    await start();
    const got = await post();
    expect(got).toMatchObject({ cut: true, text: head });
    await vi.waitFor(async () =>
      expect(await usageRows()).toMatchObject([{ inputTokens: 10, outputTokens: 100 }]),
    );
  });

  it("that stalls is ended", async () => {
    script = (_request, response) => {
      response.writeHead(200, streamed).write("event: ping\ndata: {}\n\n");
    };
    await start({}, { modelIdleTimeoutMs: 200 });
    expect((await post()).cut).toBe(true);
  });

  it("that never comes is an error Claude Code can show", async () => {
    const nobody = await serve(net.createServer());
    await nobody.close();
    await start({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${nobody.port}` });
    const got = await post();
    expect(got.status).toBe(502);
    const { error } = JSON.parse(got.text) as { error: { type: string; message: string } };
    expect(error.type).toBe("api_error");
    expect(findModelError(error.message)).toMatchObject({ reason: "model-unreachable" });
    await vi.waitFor(async () =>
      expect(await usageRows()).toMatchObject([{ status: 0, model: "claude-opus-5-5" }]),
    );
    expect(await auditRows("model.refused")).toMatchObject([{ details: { reason: "model-unreachable" } }]);
  });

  it("is not read faster than the session takes it", async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    script = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = Buffer.alloc(64 * 1024, ":\n");
      const more = () => {
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    };
    await start();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = http.request(
        { socketPath: place.socketPath, method: "POST", path: "/v1/messages" },
        resolve,
      );
      request.once("error", reject);
      request.end(body);
    });
    answer.pause();
    let before = -1;
    await vi.waitFor(
      () => {
        const settled = written === before;
        before = written;
        expect(settled).toBe(true);
      },
      { interval: 300, timeout: 10_000 },
    );
    expect(written).toBeLessThan(24 * 1024 * 1024);
    let received = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) received += chunk.length;
    expect(received).toBe(total);
  });

  it("is given up at the endpoint when the session goes away", async () => {
    let gone = false;
    script = (_request, response) => {
      response.once("close", () => {
        gone = !response.writableFinished;
      });
      response
        .writeHead(200, streamed)
        .write(sse(["message_start", { message: { model: "claude-opus-5-5", usage: { input_tokens: 9 } } }]));
    };
    await start();
    await new Promise<void>((resolve) => {
      const request = http.request(
        { socketPath: place.socketPath, method: "POST", path: "/v1/messages" },
        (answer) => {
          answer.once("data", () => {
            request.destroy();
            resolve();
          });
          answer.on("error", () => undefined);
        },
      );
      request.on("error", () => undefined);
      request.end(body);
    });
    await vi.waitFor(() => expect(gone).toBe(true));
    await vi.waitFor(async () => expect(await usageRows()).toMatchObject([{ inputTokens: 9 }]));
  });
});

describe("a refusal", () => {
  it("without a key says so in a way that Claude Code shows at once", async () => {
    await start({ ANTHROPIC_API_KEY: "" });
    const got = await post();
    expect(got.status).toBe(401);
    expect(got.headers).toMatchObject({ "x-should-retry": "false", "x-remote-claude-error": "key-missing" });
    const parsed = JSON.parse(got.text) as { type: string; error: { type: string; message: string } };
    expect(parsed).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    expect(findModelError(`Failed to authenticate. API Error: 401 ${parsed.error.message}`)).toMatchObject({
      reason: "key-missing",
    });
    expect(await auditRows("model.refused")).toMatchObject([
      { result: "refused", details: { reason: "key-missing" } },
    ]);
  });

  it("comes for a model the person may not use, and not for one they may", async () => {
    place = await harness.addPlace({ allowedModels: ["claude-haiku-4-5", "claude-sonnet-*"] });
    await start();
    const refused = await post();
    expect(refused.status).toBe(400);
    expect(refused.headers["x-remote-claude-error"]).toBe("model-unavailable");
    // The last of equal keys is what the endpoint reads.
    expect((await post({ body: '{"model":"claude-haiku-4-5","model":"claude-opus-5-5"}' })).status).toBe(400);
    expect(seen).toHaveLength(0);
    for (const model of ["claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-sonnet-5-5[1m]"]) {
      expect((await post({ body: JSON.stringify({ model }) })).status, model).toBe(200);
    }
    expect(
      (
        await post({
          body: JSON.stringify({ model: "claude-haiku-4-5" }),
          headers: { "transfer-encoding": "chunked" },
        })
      ).status,
    ).toBe(200);
  });

  it("comes for more large bodies at once than may be held, and no more once they have gone", async () => {
    place = await harness.addPlace({ allowedModels: ["claude-haiku-4-5"] });
    await start();
    const opened = Array.from({ length: 4 }, () => {
      const headers = { "content-length": 40 * 1024 * 1024 };
      const { socketPath } = place;
      const request = http.request({
        socketPath,
        method: "POST",
        path: "/v1/messages",
        headers,
        agent: false,
      });
      const status = new Promise<number | null>((resolve) => {
        request.once("response", (answer) => resolve(answer.resume().statusCode ?? 0));
        request.once("error", () => resolve(null));
      });
      // Never whole: what came of it stays in memory for as long as the session likes.
      request.write(Buffer.alloc(35 * 1024 * 1024, " "));
      return { request, status };
    });
    expect(await Promise.race(opened.map(({ status }) => status))).toBe(429);
    for (const { request } of opened) request.destroy();
    const small = { body: JSON.stringify({ model: "claude-haiku-4-5" }) };
    await vi.waitFor(async () => expect((await post(small)).status).toBe(200));
    expect(await auditRows("model.refused")).toMatchObject([{ details: { reason: "too-many" } }]);
  });

  it("comes when the month's budget is spent, counting what is not yet stored", async () => {
    place = await harness.addPlace({ monthlyBudgetUsd: 0.0002 });
    await start();
    expect((await post()).status).toBe(200);
    expect((await post()).status).toBe(200);
    await vi.waitFor(async () => expect(await usageRows()).toHaveLength(2));
    const refused = await post();
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      "x-should-retry": "false",
      "x-remote-claude-error": "budget-exceeded",
    });
    expect(refused.text).toContain("billing_error");
    expect(seen).toHaveLength(2);
  });

  it("comes for a place that nobody has claimed, and for a disabled person", async () => {
    const spare = await harness.addPlace({ claimed: false });
    await start();
    const unclaimed = await ask(spare.socketPath, { method: "POST", path: "/v1/messages", body });
    expect(unclaimed.status).toBe(403);
    await harness.database.db.place.update({
      where: { id: spare.placeId },
      data: { sessionId: spare.sessionId },
    });
    expect((await ask(spare.socketPath, { method: "POST", path: "/v1/messages", body })).status).toBe(200);
    await harness.database.db.user.update({ where: { id: spare.userId }, data: { status: "disabled" } });
    await harness.database.db.place.update({ where: { id: spare.placeId }, data: { state: "running" } });
    await vi.waitFor(async () =>
      expect((await ask(spare.socketPath, { method: "POST", path: "/v1/messages", body })).status).toBe(403),
    );
  });

  it("never quotes the key, nor does the log", async () => {
    await start();
    await post();
    script = (_request, response) => response.destroy();
    await post();
    await egress?.flush();
    expect(harness.logged.join("\n")).not.toContain("sk-real-key");
  });
});
