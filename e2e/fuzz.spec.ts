import { randomUUID } from "node:crypto";
import { commands, routes } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Client, Live } from "./testing/client.ts";
import { addMember } from "./testing/members.ts";
import { Product } from "./testing/product.ts";
import { Random } from "./testing/random.ts";
import { type RawRequest, rawOf } from "./testing/raw-http.ts";
import { seed, times } from "./testing/soak.ts";

const requests = times(1_000, 20_000);
const atOnce = 8;

/** Field names of ours, so that some bodies come close. */
const names = [
  "name",
  "path",
  "command",
  "message",
  "prompt",
  "email",
  "password",
  "cwd",
  "env",
  "timeoutMs",
  "data",
  "cols",
  "rows",
  "terminalId",
  "conversationId",
  "requestId",
  "messageId",
  "decision",
  "text",
  "after",
  "before",
  "limit",
  "query",
  "from",
  "to",
  "writer",
  "sequence",
  "offset",
  "template",
  "repositoryUrl",
  "branch",
  "permissionMode",
  "model",
  "title",
  "overwrite",
  "__proto__",
  "length",
];
/** What would end the session that is being worked on, or have Claude work on nonsense for minutes. */
const spared =
  /^(stop|pause|resume|delete|logout|signOutAtProvider|leaveSession|createTask|chatWithClaude|executeCommand)/;

let product: Product;
let client: Client;
let live: Live;
let sessionId: string;

beforeAll(async () => {
  product = await Product.start({ environment: { LOG_LEVEL: "info" } });
  client = await addMember(product);
  sessionId = (await client.createSession({ name: "Fuzzed" })).id;
  await client.execute(sessionId, "mkdir -p a/b && echo text > a/b/c.txt && ln -s / out");
  live = client.live();
});

afterAll(async () => {
  live?.close();
  await product?.stop();
});

function randomRequest(random: Random): RawRequest {
  const [, route] = random.pick([...routes].filter(([id]) => !spared.test(id)));
  const ids = [sessionId, sessionId, sessionId, randomUUID(), "x", random.text()];
  const segment = () =>
    encodeURIComponent(random.pick([random.text().toWellFormed(), "a", "b", "c.txt", "..", "out", "%2e%2e"]));
  const path = route.path
    .replace("{sessionId}", encodeURIComponent(random.pick(ids).toWellFormed()))
    .replace("{path}", () => Array.from({ length: 1 + random.below(4) }, segment).join("/"))
    .replace(/\{\w+\}/g, () => encodeURIComponent(random.pick([randomUUID(), random.text().toWellFormed()])));
  const query = random.below(3) === 0 ? `?${encodeURIComponent(random.pick(names))}=${segment()}` : "";
  const body = JSON.stringify(random.json(names)) ?? "";
  const cut = random.below(10) === 0 ? body.slice(0, random.below(body.length + 1)) : body;
  const types = [
    "application/json",
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "",
  ];
  const type = random.pick(types);
  const headers = type === "" ? {} : { "content-type": type };
  const method =
    random.below(10) === 0
      ? random.pick(["GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD"])
      : route.method;
  // A deletion that was meant for something else, by a method that was exchanged, is not sent either.
  const safe = method === "DELETE" && /^\/api\/sessions\/[^/]+$/.test(path) ? "GET" : method;
  const whole = `${path}${query}`.slice(0, 12_000);
  return { method: safe, path: whole, headers, ...(safe === "GET" || safe === "HEAD" ? {} : { body: cut }) };
}

/** Runs `work` as often as said, a few at a time. */
async function repeat(times: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function expectHealthy(): Promise<void> {
  expect(await (await fetch(`${product.url}/api/health`)).json()).toEqual({ status: "ok" });
  expect((await client.execute(sessionId, "cat a/b/c.txt >/dev/null; echo alive")).stdout).toBe("alive\n");
  for (const service of ["api", "egress", "session-manager", "web"]) {
    expect(await product.bugs(service), `${service}, seed ${seed}`).toEqual([]);
  }
}

it(`answers ${requests} random requests without a fault of its own (seed ${seed})`, async () => {
  const random = new Random(seed);
  const raw = rawOf(client);
  const apiPid = await product.pidOf("api");
  const statuses = new Map<number, number>();
  const faults: unknown[] = [];
  const all = Array.from({ length: requests }, () => randomRequest(random));
  await repeat(requests, async (index) => {
    const request = all[index] as RawRequest;
    const { status, text } = await raw(request).catch((error: Error) => ({
      status: 599,
      text: error.message,
    }));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status >= 500)
      faults.push({
        index,
        ...request,
        body: String(request.body).slice(0, 300),
        status,
        text: text.slice(0, 300),
      });
  });
  expect(faults.slice(0, 5)).toEqual([]);
  // Otherwise nothing came through to where faults could be.
  for (const status of [200, 400, 404]) expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(10);
  expect(await product.pidOf("api")).toBe(apiPid);
  await expectHealthy();
});

it(`answers ${requests} random commands on the live connection without one either`, async () => {
  const random = new Random(seed + 1);
  const { agent } = await live.command("session.watch", sessionId, {});
  const types = [...commands.keys()].filter((type) => !/^(workspace\.execute|chat\.send)$/.test(type));
  const all = Array.from({ length: requests }, () => [
    random.below(20) === 0 ? random.json(names) : random.pick(types),
    random.below(10) === 0 ? random.json(names) : sessionId,
    random.below(10) === 0
      ? random.json(names)
      : Object.fromEntries(
          Array.from({ length: random.below(6) }, () => [
            random.pick(names),
            random.pick([random.json(names), randomUUID(), "a", 1]),
          ]),
        ),
  ]);
  const faults: unknown[] = [];
  const codes = new Map<string, number>();
  await repeat(requests, async (index) => {
    const answer = await live.socket
      .timeout(40_000)
      .emitWithAck("command", ...(all[index] ?? []))
      .catch((error: Error) => ({ ok: false, error: { code: error.message } }));
    const code = answer.ok ? "ok" : answer.error.code;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const theirs = [
      "ok",
      "bad_request",
      "not_found",
      "conflict",
      "forbidden",
      "quota_exceeded",
      "too_large",
      "precondition_failed",
      "rate_limited",
    ];
    // Only Claude Code knows, and what else is asked of it here may have ended it meanwhile.
    const isClaudes = code === "unavailable" && answer.error.message.startsWith("Claude Code did not say");
    if (!theirs.includes(code) && !isClaudes)
      faults.push({ index, command: JSON.stringify(all[index])?.slice(0, 300), answer });
  });
  expect(faults.slice(0, 5)).toEqual([]);
  for (const code of ["ok", "bad_request"]) expect(codes.get(code) ?? 0, code).toBeGreaterThan(10);
  expect((await live.command("session.watch", sessionId, {})).agent?.bootId).toBe(agent?.bootId);
  await expectHealthy();
});
