import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Egress } from "./egress.ts";
import {
  ask,
  createHarness,
  type Harness,
  type Served,
  serve,
  type TestPlace,
  tunnelTo,
} from "./testing/harness.ts";

let harness: Harness;
let place: TestPlace;
let egress: Egress;
/** Answers each request with a beginning, and ends only the short. */
let endless: Served;
/** Connections that `endless` has now. */
let connections: Set<net.Socket>;

beforeAll(async () => {
  harness = await createHarness();
});
beforeEach(async () => {
  connections = new Set();
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).write("event: ping\ndata: {}\n\n");
    if (request.url?.endsWith("?short")) response.end();
  });
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  endless = await serve(server);
  place = await harness.addPlace();
  // Nothing but the notification can be what ends things here.
  egress = await harness.start(
    {
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${endless.port}`,
      EGRESS_ALLOWED_HOSTS: `127.0.0.1:${endless.port}`,
    },
    { reconcileEveryMs: 600_000 },
  );
});
afterEach(async () => {
  await egress.stop();
  await endless.close();
});
afterAll(() => harness.end());

/** A tunnel, a request in absolute form and a model's answer, all under way; `cut` resolves when all three are over, at both ends. */
async function beginAll(): Promise<{ cut: Promise<unknown> }> {
  const { status, socket } = await tunnelTo(place.socketPath, `127.0.0.1:${endless.port}`);
  expect(status).toBe(200);
  socket.resume();
  const absolute = ask(place.socketPath, { path: `http://127.0.0.1:${endless.port}/` });
  const model = ask(place.socketPath, { method: "POST", path: "/v1/messages", body: '{"model":"claude-a"}' });
  await vi.waitFor(() => expect(connections.size).toBe(3));
  const ended = async () => {
    await once(socket, "close");
    for (const answer of await Promise.all([absolute, model])) expect(answer.cut).toBe(true);
    await vi.waitFor(() => expect(connections.size).toBe(0));
  };
  return { cut: ended() };
}

describe("what is under way ends, and does not come again,", () => {
  const modelRequest = { method: "POST", path: "/v1/messages", body: '{"model":"claude-a"}' };

  it("when the owner's account is disabled", async () => {
    const { cut } = await beginAll();
    await harness.database.db.user.update({ where: { id: place.userId }, data: { status: "disabled" } });
    await cut;
    const tunnel = await tunnelTo(place.socketPath, `127.0.0.1:${endless.port}`);
    expect(tunnel).toMatchObject({ status: 403 });
    expect(tunnel.text).toContain("disabled");
    const absolute = await ask(place.socketPath, { path: `http://127.0.0.1:${endless.port}/` });
    expect(absolute.status).toBe(403);
    expect((await ask(place.socketPath, modelRequest)).status).toBe(403);
    await egress.flush();
    const rows = await harness.database.db.auditLog.findMany({ where: { sessionId: place.sessionId } });
    expect(rows.map(({ details }) => details)).toContainEqual(
      expect.objectContaining({ reason: "no-active-user" }),
    );
  });

  it("when the place is removed", async () => {
    const { cut } = await beginAll();
    await harness.database.db.place.update({
      where: { id: place.placeId },
      data: { removedAt: new Date() },
    });
    await cut;
    await expect(ask(place.socketPath, modelRequest)).rejects.toThrow();
  });

  it("when another template's policy comes to hold", async () => {
    const { cut } = await beginAll();
    // One that nobody defined closes the network.
    await harness.database.db.place.update({
      where: { id: place.placeId },
      data: { template: "unknown-by-now" },
    });
    await cut;
    expect((await tunnelTo(place.socketPath, `127.0.0.1:${endless.port}`)).status).toBe(403);
  });

  it("when the session goes to somebody else", async () => {
    const { cut } = await beginAll();
    const other = await harness.addPlace();
    await harness.database.db.session.update({
      where: { id: place.sessionId },
      data: { ownerId: other.userId },
    });
    await cut;
  });

  it("when a model is no longer among the allowed ones", async () => {
    const { cut } = await beginAll();
    await harness.database.db.user.update({
      where: { id: place.userId },
      data: { allowedModels: ["claude-b"] },
    });
    await cut;
    expect((await ask(place.socketPath, modelRequest)).status).toBe(400);
  });
});

it("nothing is cut by a change that takes no right away", async () => {
  const { cut } = await beginAll();
  let over = false;
  const ending = cut.then(() => {
    over = true;
  });
  const where = { id: place.userId };
  await harness.database.db.user.update({ where, data: { allowedModels: [], monthlyBudgetUsd: 0 } });
  // The change has arrived when a new request meets it.
  await vi.waitFor(async () => {
    const answer = await ask(place.socketPath, { method: "POST", path: "/v1/messages?short", body: "{}" });
    expect(answer.text).toContain("budget");
  });
  expect(over).toBe(false);
  expect(connections.size).toBeGreaterThanOrEqual(3);
  await egress.stop();
  await ending;
});

describe("the organisation's settings", () => {
  const request = { method: "POST", path: "/v1/messages?short", body: '{"model":"claude-a"}' };
  const set = (key: string, value: string[] | number) =>
    harness.database.db.setting.upsert({ where: { key }, create: { key, value }, update: { value } });
  afterEach(() => harness.database.db.setting.deleteMany());

  it("end what was under way with a model that is no longer allowed, and refuse it from then on", async () => {
    const { cut } = await beginAll();
    await set("allowedModels", ["claude-b"]);
    await cut;
    expect(await ask(place.socketPath, request)).toMatchObject({ status: 400 });
    const allowed = await ask(place.socketPath, { ...request, body: '{"model":"claude-b"}' });
    expect(allowed.status).toBe(200);
  });

  it("narrow what a person's own list allows, and are narrowed by it", async () => {
    const person = { where: { id: place.userId }, data: { allowedModels: ["claude-a", "claude-c"] } };
    await harness.database.db.user.update(person);
    await set("allowedModels", ["claude-b", "claude-c"]);
    const statusOf = async (model: string) =>
      (await ask(place.socketPath, { ...request, body: JSON.stringify({ model }) })).status;
    await vi.waitFor(async () => expect(await statusOf("claude-a")).toBe(400));
    expect(await statusOf("claude-b")).toBe(400);
    expect(await statusOf("claude-c")).toBe(200);
  });

  it("give a budget to whoever has none of their own", async () => {
    await set("monthlyBudgetUsd", 0);
    await vi.waitFor(async () => expect((await ask(place.socketPath, request)).status).not.toBe(200));
    await harness.database.db.user.update({
      where: { id: place.userId },
      data: { monthlyBudgetUsd: 100 },
    });
    await vi.waitFor(async () => expect((await ask(place.socketPath, request)).status).toBe(200));
  });
});

describe("a place that nobody has claimed", () => {
  it("reaches neither model nor network nor git, and all of them once it has an owner", async () => {
    const spare = await harness.addPlace({ claimed: false });
    const authority = `127.0.0.1:${endless.port}`;
    const reach = async () => {
      const tunnel = await tunnelTo(spare.socketPath, authority);
      tunnel.socket.destroy();
      const asked = { method: "POST", path: "/v1/messages?short", body: '{"model":"claude-a"}' };
      return {
        tunnel: tunnel.status,
        absolute: (await ask(spare.socketPath, { path: `http://${authority}/?short` })).status,
        model: (await ask(spare.socketPath, asked)).status,
      };
    };
    await vi.waitFor(async () => expect(await reach()).toEqual({ tunnel: 403, absolute: 403, model: 403 }));
    const path = `/git/${authority}/a.git/info/refs?service=git-upload-pack`;
    expect((await ask(spare.socketPath, { path })).status).toBe(403);
    expect(connections.size).toBe(0);
    await harness.database.db.place.update({
      where: { id: spare.placeId },
      data: { sessionId: spare.sessionId },
    });
    // At once: the first request after the claim may come before the news of it.
    expect(await reach()).toEqual({ tunnel: 200, absolute: 200, model: 200 });
  });
});
