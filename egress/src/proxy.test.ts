import { execFile } from "node:child_process";
import http from "node:http";
import net from "node:net";
import { promisify } from "node:util";
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

const run = promisify(execFile);
let harness: Harness;
let place: TestPlace;
let web: Served;
let echo: Served;
let egress: Egress | undefined;
let seen: http.IncomingMessage[] = [];
/** What names resolve to in this test; asked names are kept. */
let names: Record<string, string[][]> = {};
let asked: string[] = [];

beforeAll(async () => {
  harness = await createHarness();
  const server = http.createServer((request, response) => {
    seen.push(request);
    request.resume();
    request.on("end", () =>
      response
        .writeHead(200, { "x-there": "1", "set-cookie": ["a=1", "b=2"] })
        .end(`you asked ${request.url}`),
    );
  });
  web = await serve(server);
  echo = await serve(net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)));
});
beforeEach(async () => {
  seen = [];
  names = {};
  asked = [];
  place = await harness.addPlace();
});
afterEach(async () => {
  await egress?.stop();
  egress = undefined;
});
afterAll(async () => {
  await web.close();
  await echo.close();
  await harness.end();
});

async function start(environment: Record<string, string> = {}) {
  const resolve = async (host: string) => {
    asked.push(host);
    const answers = names[host];
    // Each look-up takes the next answer, as a name server that means harm would give it.
    return (answers && answers.length > 1 ? answers.shift() : answers?.[0]) ?? [];
  };
  egress = await harness.start(
    { EGRESS_ALLOWED_HOSTS: `127.0.0.1:${web.port},127.0.0.1:${echo.port}`, ...environment },
    { resolve },
  );
}

async function auditRows(action: string) {
  await egress?.flush();
  return harness.database.db.auditLog.findMany({ where: { sessionId: place.sessionId, action } });
}

/** What was allowed, over all its rows: a batch may end between the opening of a connection and its end. */
async function allowedSum() {
  const rows = await auditRows("egress.allowed");
  const sum = { opened: 0, closed: 0, bytesSent: 0, bytesReceived: 0 };
  for (const { details } of rows) {
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += (details as typeof sum)[name];
  }
  return { rows, sum };
}

describe("a request in absolute form", () => {
  it("is handed on without what belongs to the connection or to proxies", async () => {
    await start();
    const got = await ask(place.socketPath, {
      method: "POST",
      path: `http://127.0.0.1:${web.port}/a%20b?c=d`,
      headers: {
        host: "elsewhere.example",
        "proxy-authorization": "Basic x",
        "proxy-connection": "keep-alive",
        authorization: "Bearer own",
        te: "trailers",
      },
      body: "hello",
    });
    expect(got).toMatchObject({ status: 200, text: "you asked /a%20b?c=d" });
    expect(got.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(seen[0]?.headers).toMatchObject({ host: `127.0.0.1:${web.port}`, authorization: "Bearer own" });
    for (const name of ["proxy-authorization", "proxy-connection", "te"])
      expect(seen[0]?.headers).not.toHaveProperty(name);
    await vi.waitFor(async () => {
      const { rows, sum } = await allowedSum();
      expect(rows[0]).toMatchObject({
        userId: place.userId,
        target: `127.0.0.1:${web.port}`,
        details: { door: "http" },
      });
      expect(sum).toMatchObject({ opened: 1, closed: 1, bytesSent: 5 });
    });
    expect(JSON.stringify(await auditRows("egress.allowed"))).not.toContain("c=d");
  });

  it("works for curl, plain and through CONNECT", async () => {
    await start();
    const proxy = await serve(
      net.createServer((socket) => void socket.pipe(net.connect(place.socketPath)).pipe(socket)),
    );
    const url = `http://127.0.0.1:${web.port}/x`;
    const curl = (...more: string[]) =>
      run("curl", ["-sS", "--noproxy", "", "-x", `http://127.0.0.1:${proxy.port}`, ...more, url]);
    expect((await curl()).stdout).toBe("you asked /x");
    expect((await curl("--proxytunnel")).stdout).toBe("you asked /x");
    await proxy.close();
  });

  it("sums equal connections up in one row", async () => {
    await start();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ask(place.socketPath, { path: `http://127.0.0.1:${web.port}/${n}` }),
      ),
    );
    await vi.waitFor(async () => {
      const { rows, sum } = await allowedSum();
      expect(sum.opened).toBe(20);
      expect(rows.length).toBeLessThan(20);
    });
  });

  it("keeps a body's framing whatever the method, so that none is taken for the next request", async () => {
    await start();
    const smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    const got = await ask(place.socketPath, {
      method: "GET",
      path: `http://127.0.0.1:${web.port}/outer`,
      headers: { "transfer-encoding": "chunked" },
      body: smuggled,
    });
    expect(got.status).toBe(200);
    await ask(place.socketPath, { path: `http://127.0.0.1:${web.port}/after` });
    expect(seen.map(({ url }) => url)).toEqual(["/outer", "/after"]);
  });
});

describe("an answer that is hardly HTTP", () => {
  it.each([
    ["a reason with control characters", "HTTP/1.1 200 O\u0001\u007fK", 200, "OK"],
    ["an empty reason", "HTTP/1.1 200 ", 200, ""],
    [
      "a status of nothing",
      "HTTP/1.1 000 Nothing",
      502,
      expect.stringContaining("its answer is not valid HTTP"),
    ],
    [
      "a status below all statuses",
      "HTTP/1.1 099 Less",
      502,
      expect.stringContaining("its answer is not valid HTTP"),
    ],
  ])("with %s ends nobody else's way out", async (_, line, status, reason) => {
    const hostile = await serve(
      net.createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(`${line}\r\ncontent-length: 2\r\n\r\nok`));
      }),
    );
    await start({ EGRESS_ALLOWED_HOSTS: `127.0.0.1:${hostile.port},127.0.0.1:${web.port}` });
    const heard = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const path = `http://127.0.0.1:${hostile.port}/`;
      http
        .get({ socketPath: place.socketPath, path, agent: false }, (answer) => resolve(answer.resume()))
        .once("error", reject);
    });
    expect([heard.statusCode, heard.statusMessage]).toEqual([status, reason]);
    expect((await ask(place.socketPath, { path: `http://127.0.0.1:${web.port}/after` })).status).toBe(200);
    await hostile.close();
  });
});

describe("CONNECT", () => {
  it("opens a tunnel both ways, to its last byte", async () => {
    await start();
    const { status, socket } = await tunnelTo(place.socketPath, `127.0.0.1:${echo.port}`);
    expect(status).toBe(200);
    const sent = Buffer.alloc(3_000_000, "0123456789");
    const back: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => back.push(chunk));
    const ended = new Promise((resolve) => socket.once("end", resolve));
    socket.end(sent);
    await ended;
    expect(Buffer.concat(back).equals(sent)).toBe(true);
    await vi.waitFor(async () =>
      expect((await allowedSum()).sum).toEqual({
        opened: 1,
        closed: 1,
        bytesSent: 3_000_000,
        bytesReceived: 3_000_000,
      }),
    );
  });

  it("says why the other end was not reached", async () => {
    const nobody = await serve(net.createServer());
    await nobody.close();
    await start({ EGRESS_ALLOWED_HOSTS: `127.0.0.1:${nobody.port}` });
    const got = await tunnelTo(place.socketPath, `127.0.0.1:${nobody.port}`);
    expect(got).toMatchObject({ status: 502 });
    expect(got.text).toContain("refused");
  });

  it("is refused for what is no host and port", async () => {
    await start();
    for (const authority of [
      "example.org",
      "example.org:0",
      "example.org:99999",
      "a@b:443",
      "/etc/passwd:443",
      "unix:/run/x:443",
    ]) {
      expect((await tunnelTo(place.socketPath, authority)).status, authority).toBe(400);
    }
  });
});

describe("a refusal", () => {
  it("names the host and what an administrator can do, on both doors and on record", async () => {
    await start();
    const plain = await ask(place.socketPath, { path: "http://evil.example/x?secret=1" });
    expect(plain).toMatchObject({ status: 403 });
    expect(plain.text).toMatch(
      /^The host evil\.example is not on .*adding evil\.example to EGRESS_ALLOWED_HOSTS.*\.\n$/,
    );
    const tunnelled = await tunnelTo(place.socketPath, "evil.example:443");
    expect(tunnelled).toMatchObject({ status: 403 });
    expect(tunnelled.text).toContain("evil.example");
    const rows = await auditRows("egress.refused");
    expect(rows).toMatchObject([
      { result: "refused", target: "evil.example:80", details: { reason: "not-listed", door: "http" } },
      { result: "refused", target: "evil.example:443", details: { reason: "not-listed", door: "connect" } },
    ]);
    expect(JSON.stringify(rows)).not.toContain("secret");
  });

  it("is said in the one line that pip, wget and npm show of a tunnel's answer", async () => {
    await start();
    const socket = net.connect(place.socketPath);
    socket.write("CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n");
    let heard = "";
    for await (const chunk of socket) heard += chunk;
    expect(heard.split("\r\n")[0]).toMatch(/^HTTP\/1\.1 403 The host evil\.example is not on .*allowlist/);
  });

  it("is not preceded by a look-up: what is asked of a name server is said to whoever owns the name", async () => {
    names = { "github.com": [["140.82.112.3"]] };
    await start();
    for (const host of ["stolen.evil.example", "stolen.github.com.evil.example"]) {
      expect((await ask(place.socketPath, { path: `http://${host}/` })).status).toBe(403);
      expect((await tunnelTo(place.socketPath, `${host}:443`)).status).toBe(403);
    }
    expect((await tunnelTo(place.socketPath, "github.com:22")).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it("is counted, and not recorded one by one, for a session that asks in a loop", async () => {
    await start();
    const ends = Array.from({ length: 60 }, async (_, end) => {
      for (let n = 0; n < 20; n++) await ask(place.socketPath, { path: `http://h${end}-${n}.example/` });
    });
    await Promise.all(ends);
    const rows = await auditRows("egress.refused");
    const sums = rows.flatMap(({ details }) => (details as { more?: number }).more ?? []);
    expect(sums.length).toBeGreaterThan(0);
    expect(rows.length - sums.length + sums.reduce((all, more) => all + more, 0)).toBe(1200);
    expect(rows.length).toBeLessThan(1200);
  });

  it("comes for a private address behind an allowed name, in every spelling", async () => {
    names = {
      "github.com": [["10.0.0.1"]],
      "pypi.org": [["140.82.112.3", "169.254.169.254"]],
      "gitlab.com": [["::ffff:127.0.0.1"]],
    };
    await start({ EGRESS_ALLOWED_HOSTS: "127.0.0.1,localhost" });
    for (const host of [
      "github.com",
      "pypi.org",
      "gitlab.com",
      "127.0.0.1",
      "2130706433",
      "0x7f.1",
      "[::1]",
      "[::ffff:7f00:1]",
    ]) {
      const got = await ask(place.socketPath, { path: `http://${host}/` });
      expect(got.status, host).toBe(403);
    }
    expect(seen).toHaveLength(0);
  });

  it("cannot be talked round by a name that changes between the check and the dial", async () => {
    // The first look-up is public; a second one would be ours.
    names = { "github.com": [["192.0.2.1"], ["127.0.0.1"]], "rebind.test": [["127.0.0.1"], ["10.9.9.9"]] };
    await start({ EGRESS_ALLOWED_HOSTS: `rebind.test:${web.port}` });
    expect((await ask(place.socketPath, { path: "http://github.com/" })).status).toBe(403);
    // The dial goes to what was checked, though the name now leads elsewhere.
    expect((await ask(place.socketPath, { path: `http://rebind.test:${web.port}/dialled` })).text).toBe(
      "you asked /dialled",
    );
  });

  it("comes for ports that are not the web's", async () => {
    names = { "github.com": [["140.82.112.3"]] };
    await start();
    const got = await tunnelTo(place.socketPath, "github.com:22");
    expect(got).toMatchObject({ status: 403 });
    expect(got.text).toContain("github.com:22");
  });

  it("protects egress itself, even if somebody lists it", async () => {
    const port = await serve(net.createServer()).then(async (free) => {
      await free.close();
      return free.port;
    });
    await start({ EGRESS_PORT: String(port), EGRESS_ALLOWED_HOSTS: `127.0.0.1:${port},localhost:${port}` });
    const got = await ask(place.socketPath, { path: `http://127.0.0.1:${port}/health` });
    expect(got).toMatchObject({ status: 403 });
  });

  it("covers everything under the policy none", async () => {
    const sealed = { ...(await harness.addPlace({ template: "unheard-of" })) };
    await start();
    const got = await ask(sealed.socketPath, { path: `http://127.0.0.1:${web.port}/` });
    expect(got).toMatchObject({ status: 403 });
    expect(got.text).toContain("no network access beyond Claude");
  });
});

describe("an upstream proxy", () => {
  it("carries plain requests, tunnels and the model alike, with its password", async () => {
    const passed: string[] = [];
    const auth: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      passed.push(`${request.method} ${request.url}`);
      auth.push(request.headers["proxy-authorization"]);
      request.resume().on("end", () => response.end("by the proxy"));
    });
    server.on("connect", (request, socket) => {
      passed.push(`CONNECT ${request.url}`);
      auth.push(request.headers["proxy-authorization"]);
      const remote = net.connect(echo.port, "127.0.0.1");
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.on("error", () => remote.destroy());
      remote.on("error", () => socket.destroy());
      remote.pipe(socket).pipe(remote);
    });
    const proxy = await serve(server);
    names = { "github.com": [["140.82.112.3"]] };
    await start({
      EGRESS_UPSTREAM_PROXY: `http://us%65r:p%40ss@127.0.0.1:${proxy.port}`,
      ANTHROPIC_BASE_URL: "http://model.test",
    });
    expect((await ask(place.socketPath, { path: "http://github.com/x" })).text).toBe("by the proxy");
    const { socket, status } = await tunnelTo(place.socketPath, "github.com:443");
    expect(status).toBe(200);
    socket.write("ping");
    expect(String(await new Promise((resolve) => socket.once("data", resolve)))).toBe("ping");
    socket.destroy();
    expect((await ask(place.socketPath, { method: "POST", path: "/v1/messages", body: "{}" })).text).toBe(
      "by the proxy",
    );
    expect(passed).toEqual([
      "GET http://github.com:80/x",
      "CONNECT github.com:443",
      "POST http://model.test:80/v1/messages",
    ]);
    expect(new Set(auth)).toEqual(new Set([`Basic ${Buffer.from("user:p@ss").toString("base64")}`]));
    // A private address is refused before the proxy is asked.
    names = { "github.com": [["10.0.0.1"]] };
    expect((await tunnelTo(place.socketPath, "github.com:443")).status).toBe(403);
    await proxy.close();
  });
});
