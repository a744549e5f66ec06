import type http from "node:http";
import { Agent, get } from "node:http";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createPlaceServer } from "./server.ts";
import { ask, createHarness, type Harness, serve, type TestPlace, tunnelTo } from "./testing/harness.ts";

let harness: Harness;
let place: TestPlace;
beforeAll(async () => {
  harness = await createHarness();
  place = await harness.addPlace();
  await harness.start();
});
afterAll(() => harness.end());

/** Sends bytes as they are; resolves with what came back when the connection ends or stays silent after an answer. */
function raw(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(place.socketPath);
    let text = "";
    const end = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.once("error", end);
    socket.once("close", end);
    socket.end(bytes);
  });
}

/** A small generator with a seed, so that a failure can be seen again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a malformed request", () => {
  it("of a thousand kinds ends in an answer or a closed connection, and the next good one is served", async () => {
    const next = random(20261120);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
    const seeds = [
      "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
      "POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      "GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n",
      "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n",
      "GET /git/evil.example/a.git/info/refs?service=git-upload-pack HTTP/1.1\r\nhost: x\r\n\r\n",
      "HEAD /api/hello HTTP/1.1\r\nhost: x\r\nconnection: close, host, content-length\r\n\r\n",
    ];
    const junk = [
      "\r\n",
      "\0",
      "\xff",
      " ",
      ":",
      "HTTP/1.1",
      "%00",
      "[",
      "]",
      "@",
      "..",
      "content-length: 9\r\n",
      "0\r\n\r\n",
      "http://",
      "//",
      "\t",
      "ü",
      "-1",
      "a".repeat(9000),
    ];
    for (let round = 0; round < 40; round += 1) {
      await Promise.all(
        Array.from({ length: 25 }, async () => {
          let text = pick(seeds);
          const edits = 1 + Math.floor(next() * 4);
          for (let edit = 0; edit < edits; edit += 1) {
            const at = Math.floor(next() * text.length);
            text = text.slice(0, at) + pick(junk) + text.slice(at + Math.floor(next() * 8));
          }
          const answer = await raw(Buffer.from(text, "latin1"));
          expect(answer === "" || answer.startsWith("HTTP/1.1 "), JSON.stringify(text.slice(0, 300))).toBe(
            true,
          );
        }),
      );
    }
    expect((await ask(place.socketPath, { path: "/api/hello" })).status).toBe(200);
    expect(harness.logged.filter((line) => line.includes("failed unexpectedly"))).toEqual([]);
  });

  it("with two framings is refused, in the request and in its headers", async () => {
    const both =
      "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nhost: x\r\n\r\n";
    expect(await raw(both)).toMatch(/^HTTP\/1\.1 400 /);
    expect(
      await raw(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
      ),
    ).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`GET /v1/models HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(70_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await raw("GET / HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("finds nothing at unknown paths and schemes", async () => {
    for (const path of ["/", "/v2", "/gitx", "/health", "*"])
      expect((await ask(place.socketPath, { path })).status, path).toBe(404);
    for (const path of [
      "ftp://github.com/",
      "file:///etc/passwd",
      "unix:/run/x.sock",
      "http:///x",
      "javascript:1",
    ]) {
      expect((await ask(place.socketPath, { path })).status, path).toBe(path === "http:///x" ? 403 : 400);
    }
  });
});

describe("one place's share", () => {
  const services = {
    models: { handle: async () => new Promise<void>(() => undefined) },
    proxy: { connect: async () => undefined, request: async () => undefined },
    git: { handle: async () => undefined },
    log: { error: () => undefined } as never,
  };
  const outlet = async () =>
    ({
      speaker: { placeId: "x", occupant: null },
      policy: { mode: "none", rules: [] },
      upstream: {},
    }) as never;

  it("has a bound on what is under way", async () => {
    const { server } = createPlaceServer({ services, outlet, maxConcurrent: 2 });
    const { port, close } = await serve(server);
    const sockets = [1, 2, 3].map(() => net.connect(port, "127.0.0.1"));
    for (const socket of sockets) socket.write("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n");
    const answers = await new Promise<string>((resolve) => {
      for (const socket of sockets) socket.once("data", (chunk) => resolve(chunk.toString()));
    });
    expect(answers).toMatch(/^HTTP\/1\.1 503 /);
    for (const socket of sockets) socket.destroy();
    await close();
  });

  it("waits for its turn when the place has asked for too much, and then is served", async () => {
    let served = 0;
    const counting = { ...services, models: { ...services.models, handle: answer } } as never;
    async function answer(_speaker: unknown, _request: unknown, response: http.ServerResponse) {
      served += 1;
      response.end("ok");
    }
    const pace = { burst: 3, perSecond: 1000 / 50 };
    const { server } = createPlaceServer({ services: counting, outlet, pace });
    const { port, close } = await serve(server);
    const begun = performance.now();
    await Promise.all(Array.from({ length: 7 }, () => fetch(`http://127.0.0.1:${port}/v1/models`)));
    expect(served).toBe(7);
    // Three at once, and four more 50 ms apart: a slow machine can only make it longer.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(195);
    await close();
  });

  it("ends a connection that sends one request after the other and waits for no answer", async () => {
    let asked = 0;
    const handle = () => {
      asked += 1;
      return new Promise<void>(() => undefined);
    };
    const { server } = createPlaceServer({ services: { ...services, models: { handle } }, outlet });
    const { port, close } = await serve(server);
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1000));
    await closed;
    expect(asked).toBeLessThanOrEqual(4);
    await close();
  });

  it("serves one request after the other on one connection, however many", async () => {
    const handle = async (_speaker: unknown, _request: unknown, response: http.ServerResponse) => {
      response.end("ok");
    };
    const { server } = createPlaceServer({ services: { ...services, models: { handle } }, outlet });
    const { port, close } = await serve(server);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let request = 0; request < 20; request += 1) {
      const answer = await new Promise<http.IncomingMessage>((resolve, reject) =>
        get({ port, path: "/v1/models", agent }, resolve).once("error", reject),
      );
      expect(answer.statusCode).toBe(200);
      for await (const _ of answer);
    }
    agent.destroy();
    await close();
  });

  it("is not held by headers that never end", async () => {
    const { server } = createPlaceServer({ services, outlet, headersTimeoutMs: 200 });
    const { port, close } = await serve(server);
    const socket = net.connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost:");
    expect(String(await new Promise((resolve) => socket.once("data", resolve)))).toMatch(/^HTTP\/1\.1 408 /);
    await close();
  });
});

it("a tunnel that is refused leaves nothing open", async () => {
  await tunnelTo(place.socketPath, "evil.example:443");
  await vi.waitFor(async () =>
    expect((await ask(place.socketPath, { path: "/api/hello" })).status).toBe(200),
  );
});
