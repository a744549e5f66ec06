import { createServer, request as httpRequest, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { defaultTemplate, ErrorBody, ManagerCapabilities, Place, PlaceEvent } from "@remote-claude/protocol";
import { Metrics } from "@remote-claude/service/metrics";
import { requestMixin } from "@remote-claude/service/request-scope";
import fc from "fast-check";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describePlaces, measureChanges } from "../metrics.ts";
import { Places } from "../places.ts";
import { FakeRuntime, FakeWorld } from "../runtimes/fake/fake-runtime.ts";
import { newPlaceId, newSecret } from "../testing/local-harness.ts";
import { createApp } from "./app.ts";

const secret = "a secret of the test";
const placeId = newPlaceId();
const body = { template: "default", apiPublicKey: "key", placeSecret: newSecret() };

describe("session-manager over HTTP", () => {
  let server: Server;
  let port: number;
  let world: FakeWorld;
  let logged: Record<string, unknown>[];

  beforeEach(async () => {
    world = new FakeWorld();
    const runtime = new FakeRuntime({ world, readyTimeoutMs: 20 });
    const metrics = new Metrics();
    const places = new Places(runtime, new Map([["default", defaultTemplate]]), measureChanges(metrics));
    describePlaces(metrics, runtime, places);
    logged = [];
    const write = (line: string) => void logged.push(JSON.parse(line));
    const log = pino({ level: "debug", mixin: requestMixin }, { write });
    const capabilities = () => runtime.capabilities();
    server = createServer(createApp({ places, capabilities, metrics, secret, log }));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const call = (method: string, path: string, json?: unknown, authorization = `Bearer ${secret}`) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: typeof json === "string" ? json : JSON.stringify(json) }),
    });
  const refusalOf = async (response: Response) =>
    ErrorBody.parse(((await response.json()) as { error: unknown }).error).code;

  it.each(["", "Bearer", "Bearer wrong", secret, `bearer ${secret}`, `Bearer ${secret} `.repeat(2)])(
    "answers nobody who authenticates by %j",
    async (authorization) => {
      for (const path of ["/places", "/events", "/capabilities", "/metrics", "/nowhere"]) {
        const response = await call("GET", path, undefined, authorization);
        expect(response.status).toBe(401);
        expect(await refusalOf(response)).toBe("unauthenticated");
      }
    },
  );

  it("tells anyone that it lives, and those who may ask what it can do", async () => {
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(await health.json()).toEqual({ status: "ok" });
    const capabilities = await call("GET", "/capabilities");
    expect(ManagerCapabilities.parse(await capabilities.json()).runtime).toBe("fake");
  });

  it("counts its places by state, and what became of each change", async () => {
    await call("PUT", `/places/${placeId}`, body);
    await call("POST", `/places/${newPlaceId()}/stop`);
    const text = await (await call("GET", "/metrics")).text();
    expect(text).toContain('remote_claude_places{state="running"} 1');
    expect(text).toContain('remote_claude_places{state="lost"} 0');
    expect(text).toContain('remote_claude_place_change_seconds_count{change="ensure",result="ok"} 1');
    expect(text).toContain('remote_claude_place_change_seconds_count{change="stop",result="not_found"} 1');
  });

  it("does what it is asked under the id of the request, in its answer and in its log", async () => {
    const named = { authorization: `Bearer ${secret}`, "x-request-id": "request-of-the-test" };
    const url = `http://127.0.0.1:${port}/places/${placeId}`;
    const made = await fetch(url, { method: "PUT", headers: named, body: JSON.stringify(body) });
    expect(made.headers.get("x-request-id")).toBe("request-of-the-test");
    await fetch(`${url}x/stop`, { method: "POST", headers: named });
    const lines = logged.filter(({ requestId }) => requestId === "request-of-the-test");
    expect(lines).toEqual([
      expect.objectContaining({ msg: "request", method: "PUT", status: 200, path: `/places/${placeId}` }),
      expect.objectContaining({ msg: "request refused", code: "bad_request" }),
      expect.objectContaining({ msg: "request", method: "POST", status: 400 }),
    ]);
    const unnamed = await call("GET", "/places");
    expect(unnamed.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("takes a place through its life", async () => {
    const steps: [string, string, string][] = [
      ["PUT", "", "running"],
      ["PUT", "", "running"],
      ["POST", "/pause", "paused"],
      ["POST", "/resume", "running"],
      ["POST", "/stop", "stopped"],
      ["PUT", "", "running"],
      ["GET", "", "running"],
    ];
    for (const [method, path, state] of steps) {
      const response = await call(method, `/places/${placeId}${path}`, method === "PUT" ? body : undefined);
      expect(response.status).toBe(200);
      expect(Place.parse(await response.json()).state).toBe(state);
    }
    const listed = (await (await call("GET", "/places")).json()) as { places: Place[] };
    expect(listed.places.map((place) => place.placeId)).toEqual([placeId]);
    expect((await call("DELETE", `/places/${placeId}`)).status).toBe(204);
    expect((await call("DELETE", `/places/${placeId}`)).status).toBe(204);
    expect(await refusalOf(await call("GET", `/places/${placeId}`))).toBe("not_found");
    expect(await refusalOf(await call("POST", `/places/${placeId}/stop`))).toBe("not_found");
  });

  it.each([
    ["an unknown field", { ...body, mounts: ["/"] }],
    ["an image", { ...body, image: "evil" }],
    ["an unknown limit", { ...body, limits: { memoryMb: 512, privileged: 1 } }],
    ["limits beyond bounds", { ...body, limits: { memoryMb: 1e9 } }],
    ["limits that are no numbers", { ...body, limits: { memoryMb: "512" } }],
    ["an unknown template", { ...body, template: "../../etc" }],
    ["a secret of the wrong length", { ...body, placeSecret: "short" }],
    ["no fields at all", {}],
    ["a list", [body]],
    ["text that is no JSON", "{"],
    ["null", "null"],
  ])("refuses %s, and makes nothing", async (_, json) => {
    const response = await call("PUT", `/places/${placeId}`, json);
    expect(response.status).toBe(400);
    expect(await refusalOf(response)).toBe("bad_request");
    expect(world.places.size).toBe(0);
  });

  it("refuses a body that is too large", async () => {
    const response = await call("PUT", `/places/${placeId}`, { ...body, apiPublicKey: "x".repeat(100_000) });
    expect(response.status).toBe(413);
    expect(await refusalOf(response)).toBe("too_large");
  });

  it("knows a place only by a proper name", async () => {
    const names = ["..%2f..%2fetc", "ABCDEFGHIJKL", "short", `${placeId}%00`, `${placeId}x`, "%ff", "%"];
    for (const name of names) {
      const response = await call("PUT", `/places/${name}`, body);
      expect(response.status, name).toBe(400);
    }
    expect(await refusalOf(await call("GET", "/places/../../etc"))).toBe("not_found");
  });

  it("stands any body", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.jsonValue(), fc.record({ ...constants(body), limits: fc.jsonValue() })),
        async (value) => {
          const response = await call("PUT", `/places/${placeId}`, value);
          expect([200, 400]).toContain(response.status);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("says why a place did not start", async () => {
    world.behaviours.set(placeId, "failing");
    const failed = await call("PUT", `/places/${placeId}`, body);
    expect(failed.status).toBe(503);
    expect(await refusalOf(failed)).toBe("unavailable");
    world.behaviours.set(placeId, "never-ready");
    expect(await refusalOf(await call("PUT", `/places/${placeId}`, body))).toBe("timeout");
  });

  it("streams the state of every place first, then each change", async () => {
    await call("PUT", `/places/${placeId}`, body);
    const response = await call("GET", "/events");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const states: string[] = [];
    const input = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    input.on("error", () => undefined);
    createInterface({ input }).on("line", (line) => {
      if (line.startsWith("data: ")) states.push(PlaceEvent.parse(JSON.parse(line.slice(6))).place.state);
    });
    await expect.poll(() => states).toEqual(["running"]);
    await call("POST", `/places/${placeId}/pause`);
    world.end(placeId, 1);
    await expect.poll(() => states).toEqual(["running", "paused", "lost"]);
    expect(world.listeners.size).toBe(1);
    input.destroy();
    await expect.poll(() => world.listeners.size).toBe(0);
  });

  it("drops a reader of events that does not read", async () => {
    await call("PUT", `/places/${placeId}`, body);
    const reader = connect(port, "127.0.0.1");
    reader.pause();
    reader.write(`GET /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${secret}\r\n\r\n`);
    await expect.poll(() => world.listeners.size).toBe(1);
    const found = world.places.get(placeId);
    if (found === undefined) throw new Error("no place");
    for (let count = 0; count < 200_000 && world.listeners.size > 0; count++) {
      world.change(found, {});
      if (count % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => world.listeners.size).toBe(0);
    reader.destroy();
  });

  it("goes on when a client leaves in the middle of a start", async () => {
    world.behaviours.set(placeId, "slow");
    const request = httpRequest({
      port,
      method: "PUT",
      path: `/places/${placeId}`,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    });
    request.on("error", () => undefined);
    world.listeners.add(({ state }) => {
      if (state === "starting") request.destroy();
    });
    request.end(JSON.stringify(body));
    await expect.poll(() => world.places.get(placeId)?.place.state).toBe("running");
    expect(request.destroyed).toBe(true);
  });
});

function constants<T extends Record<string, string>>(values: T) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant(value)]));
}
