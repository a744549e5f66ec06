import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Failure } from "./failure.ts";
import { type Gateway, type GatewayOptions, openGateway } from "./gateway.ts";
import { freePorts } from "./ports.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(handler: Handler): Promise<{ server: Server; port: number }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Says who was reached and how. */
const mirror =
  (name: string): Handler =>
  (incoming, response) =>
    response.end(JSON.stringify({ name, url: incoming.url, headers: incoming.headers }));

async function open(handlers: { api?: Handler; web?: Handler } = {}, publicUrl?: string, files = {}) {
  const api = await listen(handlers.api ?? mirror("api"));
  const web = await listen(handlers.web ?? mirror("web"));
  const [port = 0] = await freePorts(1);
  const gateway = await openGateway({
    host: "127.0.0.1",
    port,
    publicUrl: publicUrl ?? `http://127.0.0.1:${port}`,
    apiPort: api.port,
    webPort: web.port,
    files,
    // As the api's process takes them; the way there is service/src/handover.test.ts's.
    handOver: ({ request, socket, head }) =>
      api.server.listening && api.server.emit("upgrade", request, socket, head),
  });
  closers.push(() => gateway.close());
  return { api, web, gateway, url: `http://127.0.0.1:${gateway.port}` };
}

async function reached(url: string, init?: RequestInit) {
  const response = await fetch(url, init);
  return (await response.json()) as { name: string; url: string; headers: Record<string, string> };
}

/** Sends bytes as they are, and gives back everything that came until the connection closed. */
function exchange(gateway: Gateway, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("the gateway", () => {
  it.each([
    ["/api/sessions?x=1", "api"],
    ["/api", "api"],
    ["/metrics", "api"],
    ["/socket.io/?EIO=4", "api"],
    ["/", "web"],
    ["/apis", "web"],
    ["/auth/signin", "web"],
    ["/sessions/1", "web"],
  ])("brings %s to %s", async (path, name) => {
    const { url } = await open();
    expect(await reached(`${url}${path}`)).toMatchObject({ name, url: path });
  });

  it.each(["/internal", "/internal/sign-ins", "/internal?x"])("knows no way to %s", async (path) => {
    const { url } = await open();
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });

  it("refuses targets that are for proxies", async () => {
    const { gateway } = await open();
    const answer = await exchange(
      gateway,
      "GET http://x/internal/sign-ins HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  it("says itself where a request came from, whatever the client claims", async () => {
    const { url } = await open({}, "http://claude.example.org");
    const { headers } = await reached(`${url}/api/x`, {
      headers: {
        "x-forwarded-for": "6.6.6.6",
        "x-forwarded-proto": "gopher",
        "x-forwarded-host": "evil.example",
        "x-real-ip": "6.6.6.6",
        forwarded: "for=6.6.6.6",
        "x-middleware-subrequest": "middleware",
        "x-mine": "kept",
      },
    });
    expect(headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": new URL(url).host,
      "x-mine": "kept",
    });
    for (const name of ["x-real-ip", "forwarded", "x-middleware-subrequest"])
      expect(headers[name]).toBeUndefined();
  });

  it.each([
    ["the client as the TLS proxy names it", "203.0.113.7", "203.0.113.7"],
    ["the last address, which is the proxy's own word", "6.6.6.6, 203.0.113.7", "203.0.113.7"],
    ["the proxy, where it names nobody", "", "127.0.0.1"],
    ["the proxy, where it names no address", "203.0.113.7, unknown", "127.0.0.1"],
  ])("takes behind TLS for the origin of a request %s", async (_, given, expected) => {
    const { url } = await open({}, "https://claude.example.org");
    const { headers } = await reached(`${url}/api/x`, { headers: { "x-forwarded-for": given } });
    expect(headers).toMatchObject({ "x-forwarded-for": expected, "x-forwarded-proto": "https" });
  });

  it("passes each event of a stream on at once", async () => {
    const sent = Promise.withResolvers<ServerResponse>();
    const { url } = await open({
      api: (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: one\n\n");
        sent.resolve(response);
      },
    });
    const response = await fetch(`${url}/api/stream`);
    const reader = response.body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await next()).toBe("data: one\n\n");
    (await sent.promise).write("data: two\n\n");
    expect(await next()).toBe("data: two\n\n");
    await reader?.cancel();
  });

  it("tells the service when the reader of a stream goes away", async () => {
    const gone = vi.fn();
    const { url } = await open({
      api: (_, response) => {
        response.on("close", gone);
        response.write("x");
      },
    });
    const abort = new AbortController();
    await fetch(`${url}/api/stream`, { signal: abort.signal });
    expect(gone).not.toHaveBeenCalled();
    abort.abort();
    await vi.waitFor(() => expect(gone).toHaveBeenCalled());
  });

  it("carries a large upload without changing a byte", async () => {
    const body = randomBytes(20 * 1024 * 1024);
    const { url } = await open({
      api: (incoming, response) => {
        const hash = createHash("sha256");
        incoming.on("data", (chunk) => hash.update(chunk)).on("end", () => response.end(hash.digest("hex")));
      },
    });
    const response = await fetch(`${url}/api/upload`, { method: "PUT", body });
    expect(await response.text()).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it("keeps several cookies apart, and status and reason as they are", async () => {
    const { url } = await open({
      web: (_, response) => response.writeHead(418, { "set-cookie": ["a=1", "b=2"] }).end(),
    });
    const response = await fetch(url);
    expect(response.status).toBe(418);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it("uses one connection to the service for many requests, even of clients that close theirs", async () => {
    const { api, url } = await open();
    const connections = vi.fn();
    api.server.on("connection", connections);
    for (let index = 0; index < 5; index += 1) {
      await reached(`${url}/api/x`, { headers: { connection: "close" } });
    }
    expect(connections).toHaveBeenCalledTimes(1);
  });

  it("closes the connection of a client that asked for it", async () => {
    const { gateway } = await open();
    const answer = await exchange(gateway, "GET /api/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  it("answers errors of the protocol for an api that is away, and a page that tries again for the pages", async () => {
    const { api, web, url } = await open();
    for (const { server } of [api, web]) await new Promise((resolve) => server.close(resolve));
    const refusal = await fetch(`${url}/api/x`);
    expect(refusal.status).toBe(503);
    expect(refusal.headers.get("retry-after")).toBe("1");
    expect(await refusal.json()).toMatchObject({ error: { code: "unavailable" } });
    const page = await fetch(`${url}/sessions`);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('http-equiv="refresh"');
  });

  it("cuts an answer short when the service dies in the middle of it", async () => {
    const { url } = await open({
      api: (incoming, response) => {
        response.write("half", () => incoming.socket.destroy());
      },
    });
    await expect(fetch(`${url}/api/x`).then((response) => response.text())).rejects.toThrow();
    expect((await reached(`${url}/`)).name).toBe("web");
  });

  it("leads pages from another name of this machine to the one that cookies know", async () => {
    const [port = 0] = await freePorts(1);
    const { web } = await open();
    const gateway = await openGateway({
      host: "localhost",
      port,
      publicUrl: `http://localhost:${port}`,
      apiPort: web.port,
      webPort: web.port,
      handOver: () => false,
    });
    closers.push(() => gateway.close());
    const page = await fetch(`http://127.0.0.1:${port}/sessions?a=1`, {
      headers: { accept: "text/html" },
      redirect: "manual",
    });
    expect(page.headers.get("location")).toBe(`http://localhost:${port}/sessions?a=1`);
    expect((await fetch(`http://127.0.0.1:${port}/api/x`)).status).toBe(200);
    expect((await fetch(`http://localhost:${port}/`, { headers: { accept: "text/html" } })).status).toBe(200);
  });

  it("answers with the pages' files itself, and leaves to the pages what is none", async () => {
    const directory = mkdtempSync(join(tmpdir(), "gateway-"));
    writeFileSync(join(directory, "a.woff2"), "font");
    const { url, web } = await open({}, undefined, { "/files": directory });
    web.server.closeAllConnections();
    web.server.close();
    const font = await fetch(`${url}/files/a.woff2`);
    expect([font.status, await font.text()]).toEqual([200, "font"]);
    expect((await fetch(`${url}/files/b.woff2`)).status).toBe(503);
    rmSync(directory, { recursive: true });
  });

  it("names who holds a taken port, and another to use", async () => {
    const { port } = await listen(mirror("other"));
    const opening = openGateway({
      host: "127.0.0.1",
      port,
      publicUrl: "http://x",
      apiPort: 1,
      webPort: 1,
      handOver: () => false,
    });
    const failure = (await opening.catch((error: unknown) => error)) as Failure;
    expect(failure.message).toContain(`Port ${port} is taken`);
    if (process.platform === "linux") expect(failure.message).toContain(`process ${process.pid}`);
    expect(failure.hint).toContain(`PORT=${port + 1}`);
  });
});

describe("an upgraded connection", () => {
  /** A service that takes every upgrade and echoes bytes. */
  function echoUpgrades(server: Server): Promise<Socket> {
    return new Promise((resolve) => {
      server.on("upgrade", (incoming, socket, head) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n");
        const { "x-forwarded-for": address, "x-real-ip": claimed } = incoming.headers;
        socket.write(`x-path: ${incoming.url}\r\nx-seen-for: ${address} ${claimed}\r\n\r\n`);
        socket.write(head);
        socket.pipe(socket);
        socket.on("error", () => undefined);
        resolve(socket as Socket);
      });
    });
  }

  const upgrade = (path: string, upgradeTo = "websocket", method = "GET") =>
    `${method} ${path} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 6.6.6.6\r\nx-real-ip: 6.6.6.6\r\nconnection: Upgrade\r\nupgrade: ${upgradeTo}\r\nsec-websocket-key: eA==\r\nsec-websocket-version: 13\r\n\r\n`;

  /** One of the api's, which is handed over, and one of the pages', which is passed on. */
  const both = [
    ["of the api", "api", "/socket.io/?EIO=4"],
    ["of the pages", "web", "/_next/hmr?id=4"],
  ] as const;

  function dial(gateway: Gateway, text: string) {
    const socket = connect(gateway.port, "127.0.0.1", () => socket.write(text));
    closers.push(() => socket.destroy());
    socket.on("error", () => undefined);
    const state = { answer: "", closed: false, socket };
    socket.on("data", (chunk) => {
      state.answer += chunk.toString("latin1");
    });
    socket.on("close", () => {
      state.closed = true;
    });
    return state;
  }

  it.each(both)("%s carries bytes both ways, from the first one", async (_, service, path) => {
    const { gateway, ...services } = await open();
    echoUpgrades(services[service].server);
    const client = dial(gateway, `${upgrade(path)}early`);
    await vi.waitFor(() => expect(client.answer).toContain("early"));
    expect(client.answer).toMatch(/^HTTP\/1.1 101 /);
    expect(client.answer).toContain(`x-path: ${path}`);
    expect(client.answer).toContain("x-seen-for: 127.0.0.1 undefined");
    client.socket.write("later");
    await vi.waitFor(() => expect(client.answer.endsWith("later")).toBe(true));
  });

  it("of the pages ends on both sides when either goes", async () => {
    const { web, gateway } = await open();
    const first = echoUpgrades(web.server);
    const client = dial(gateway, upgrade("/_next/hmr"));
    const service = await first;
    await vi.waitFor(() => expect(client.answer).toContain("101"));
    service.destroy();
    await vi.waitFor(() => expect(client.closed).toBe(true));

    web.server.removeAllListeners("upgrade");
    const second = echoUpgrades(web.server);
    const other = dial(gateway, upgrade("/_next/hmr"));
    const otherService = await second;
    await vi.waitFor(() => expect(other.answer).toContain("101"));
    other.socket.destroy();
    await vi.waitFor(() => expect(otherService.destroyed).toBe(true));
  });

  it.each(both)("%s is refused with 503 while the service is away", async (_, service, path) => {
    const { gateway, ...services } = await open();
    await new Promise((resolve) => services[service].server.close(resolve));
    const client = dial(gateway, upgrade(path));
    await vi.waitFor(() => expect(client.closed).toBe(true));
    expect(client.answer).toMatch(/^HTTP\/1.1 503 /);
  });

  it("is refused under /internal, and to what is no GET", async () => {
    const { gateway } = await open();
    const client = dial(gateway, upgrade("/internal/x"));
    await vi.waitFor(() => expect(client.answer).toMatch(/^HTTP\/1.1 404 /));
    const posting = dial(gateway, upgrade("/socket.io/", "websocket", "POST"));
    await vi.waitFor(() => expect(posting.answer).toMatch(/^HTTP\/1.1 405 /));
  });

  it("of the api is refused when the api ends before it has taken it", async () => {
    const web = await listen(mirror("web"));
    const [port = 0] = await freePorts(1);
    const handed = Promise.withResolvers<() => void>();
    const handOver: GatewayOptions["handOver"] = (_, refuse) => {
      handed.resolve(refuse);
      return true;
    };
    const publicUrl = `http://127.0.0.1:${port}`;
    const gateway = await openGateway({
      host: "127.0.0.1",
      port,
      publicUrl,
      apiPort: 1,
      webPort: web.port,
      handOver,
    });
    closers.push(() => gateway.close());
    const client = dial(gateway, upgrade("/socket.io/"));
    (await handed.promise)();
    await vi.waitFor(() => expect(client.closed).toBe(true));
    expect(client.answer).toMatch(/^HTTP\/1.1 503 /);
  });

  it.each(both)("%s passes a service's refusal on", async (_, service, path) => {
    const { gateway, ...services } = await open();
    services[service].server.on("upgrade", (_request, socket) =>
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno"),
    );
    const client = dial(gateway, upgrade(path));
    await vi.waitFor(() => expect(client.closed).toBe(true));
    expect(client.answer).toMatch(/^HTTP\/1.1 401 [\s\S]*no$/);
  });

  it("is not made of offers that are no WebSocket", async () => {
    const { gateway } = await open();
    const client = dial(gateway, upgrade("/api/x", "h2c"));
    await vi.waitFor(() => expect(client.answer).toMatch(/^HTTP\/1.1 200 /));
  });

  it("of the pages is ended when the gateway closes", async () => {
    const { web, gateway } = await open();
    echoUpgrades(web.server);
    const client = dial(gateway, upgrade("/_next/hmr"));
    await vi.waitFor(() => expect(client.answer).toContain("101"));
    gateway.close();
    await vi.waitFor(() => expect(client.closed).toBe(true));
  });
});

describe("a client that keeps its connection", () => {
  it("may send one request after another on it", async () => {
    const { gateway } = await open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    const ask = () =>
      new Promise<boolean>((resolve, reject) => {
        const sent = request({ port: gateway.port, host: "127.0.0.1", path: "/api/x", agent }, (response) => {
          response.resume().on("end", () => resolve(sent.reusedSocket));
        });
        sent.on("error", reject).end();
      });
    expect([await ask(), await ask()]).toEqual([false, true]);
  });
});
