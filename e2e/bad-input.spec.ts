import { createHash, randomBytes, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { commands, routes, type Session } from "@remote-claude/protocol";
import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tarGz, zip } from "./testing/archives.ts";
import { Client, type Live, type Refused } from "./testing/client.ts";
import { addMember } from "./testing/members.ts";
import { adminEmail, Product } from "./testing/product.ts";
import { rawOf, sendRaw, writeAndHangUp } from "./testing/raw-http.ts";

let product: Product;
let client: Client;
let live: Live;
let sessionId: string;
let raw: ReturnType<typeof rawOf>;
let apiPid: number;
let agentBootId: string | undefined;
/** By service: a bug is the fault of the test that met it, not of all that follow. */
const bugsReported = new Map(["api", "egress", "session-manager"].map((service) => [service, 0]));

beforeAll(async () => {
  product = await Product.start();
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Bad input" })).id;
  live = client.live();
  raw = rawOf(client);
  apiPid = await product.pidOf("api");
  agentBootId = (await live.command("session.watch", sessionId, {})).agent?.bootId;
});

afterAll(async () => {
  live?.close();
  await product?.stop();
});

// Whatever was done to it: the product goes on, nothing crashed, and nobody met a bug.
afterEach(async () => {
  expect((await (await fetch(`${product.url}/api/health`)).json()) as unknown).toEqual({ status: "ok" });
  expect((await client.execute(sessionId, "echo alive")).stdout).toBe("alive\n");
  expect(await product.pidOf("api")).toBe(apiPid);
  expect((await live.command("session.watch", sessionId, {})).agent?.bootId).toBe(agentBootId);
  for (const [service, reported] of bugsReported) {
    const bugs = (await product.log(service)).filter(
      ({ msg, level }) => msg === "bug" || Number(level) >= 60,
    );
    bugsReported.set(service, bugs.length);
    expect(bugs.slice(reported), service).toEqual([]);
  }
});

const json = (method: string, path: string, body: unknown) =>
  raw({ method, path, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const files = (path: string) => `/api/sessions/${sessionId}/files/${path}`;

describe("bodies", () => {
  it.each([
    ["nothing", {}],
    ["null", null],
    ["a list", []],
    ["a string", "name"],
    ["a number", 1],
    ["a number for a name", { name: 1 }],
    ["an object for a name", { name: { $ne: "" } }],
    ["an empty name", { name: "" }],
    ["spaces for a name", { name: "   " }],
    ["a long name", { name: "x".repeat(101) }],
    ["an unknown field", { name: "x", isAdmin: true }],
    ["an unknown template", { name: "x", template: "../default" }],
    ["a field of the prototype", JSON.parse('{"name":"x","__proto__":{"admin":true}}')],
  ])("of the wrong shape are refused by name: %s", async (_, body) => {
    const answer = await json("POST", "/api/sessions", body);
    expect(answer).toMatchObject({ status: 400, code: "bad_request" });
  });

  it("that are no JSON, or are not said to be, are refused", async () => {
    const asJson = { "content-type": "application/json" };
    const bodies: [Record<string, string>, string | Buffer][] = [
      [asJson, "{"],
      [asJson, ""],
      [asJson, '{"name":"x"'],
      [asJson, Buffer.from([0xff, 0xfe, 0x00])],
      [asJson, Buffer.from('{"name":"\xff"}', "latin1").subarray(0, 9)],
      [{ "content-type": "text/plain" }, '{"name":"x"}'],
      [{ "content-type": "application/x-www-form-urlencoded" }, "name=x"],
      [{ ...asJson, "content-encoding": "gzip" }, "not gzip"],
      [{ ...asJson, "content-encoding": "rot13" }, "{}"],
      [{ "content-type": "application/json; charset=utf-16" }, "{}"],
      [{ "content-type": "multipart/form-data" }, "no boundary"],
      [{ "content-type": "multipart/form-data; boundary=x" }, "no parts"],
    ];
    for (const [headers, body] of bodies) {
      const answer = await raw({ method: "POST", path: "/api/sessions", headers, body });
      expect(answer, JSON.stringify([headers, String(body)])).toMatchObject({
        status: 400,
        code: "bad_request",
      });
    }
  });

  it("over the limit are refused, also when they are only large once unpacked", async () => {
    const large = JSON.stringify({ name: "x".repeat(3 * 1024 * 1024) });
    const headers = { "content-type": "application/json" };
    const answers = await Promise.all([
      raw({ method: "POST", path: "/api/sessions", headers, body: large }),
      raw({
        method: "POST",
        path: "/api/sessions",
        headers: { ...headers, "content-encoding": "gzip" },
        body: gzipSync(JSON.stringify({ name: "x".repeat(50 * 1024 * 1024) })),
      }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 413, code: "too_large" });
  });

  it.each([
    ["/api/auth/login", { email: ["a@b.c"], password: "x" }],
    ["/api/auth/login", { email: "a@b.c", password: { length: 8 } }],
    ["/api/auth/login", { email: "no address", password: "x" }],
    ["/api/auth/login", { email: adminEmail, password: "x".repeat(2000) }],
    ["/api/tokens", { name: "x", expiresInDays: -1 }],
    ["/api/tokens", { name: "x", scopes: ["*"] }],
    ["/execute", { command: "" }],
    ["/execute", { command: ["ls"] }],
    ["/execute", { command: "ls", env: { "A=B": "x" } }],
    ["/execute", { command: "ls", cwd: "../.." }],
    ["/execute", { command: "ls", cwd: "/etc" }],
    ["/execute", { command: "ls", timeoutMs: 1e12 }],
    ["/execute", { command: "ls", timeoutMs: "1" }],
    ["/claude/chat", { message: "" }],
    ["/claude/chat", { message: "x", conversationId: "../x" }],
    ["/claude/chat", { message: "x".repeat(200_001) }],
    ["/claude/task", { prompt: "x", permissionMode: "root" }],
    ["/claude/task", { prompt: "x", timeoutMinutes: 0 }],
  ])("%s refuses what does not fit (%#)", async (path, body) => {
    const whole = path.startsWith("/api") ? path : `/api/sessions/${sessionId}${path}`;
    expect(await json("POST", whole, body)).toMatchObject({ status: 400, code: "bad_request" });
  });

  it("and queries with unknown, doubled and senseless fields are refused", async () => {
    for (const query of [
      "files?path=a&path=b",
      "files?path[$ne]=x",
      "files?x=1",
      "claude/history?after=-1",
      "claude/history?after=x",
    ]) {
      const answer = await raw({ path: `/api/sessions/${sessionId}/${query}` });
      expect(answer, query).toMatchObject({ status: 400, code: "bad_request" });
    }
  });
});

describe("addresses", () => {
  it("that do not exist, methods that do not fit, and what is internal are said so", async () => {
    expect(await raw({ path: "/api/nothing" })).toMatchObject({ status: 404, code: "not_found" });
    expect(await raw({ method: "PATCH", path: "/api/config" })).toMatchObject({
      status: 405,
      code: "method_not_allowed",
    });
    expect(await raw({ path: "/api/sessions/not-an-id" })).toMatchObject({
      status: 400,
      code: "bad_request",
    });
    expect(await raw({ path: `/api/sessions/${randomUUID()}` })).toMatchObject({
      status: 404,
      code: "not_found",
    });
    const { "internal-secret": secret } = await product.secrets();
    for (const path of [
      "/internal/sign-in-links",
      "/api/../internal/sign-in-links",
      "/api/%2e%2e/internal/sign-in-links",
      "//internal/sign-in-links",
    ]) {
      const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
      const answer = await sendRaw(product, { method: "POST", path, headers, body: "{}" });
      expect(answer.status, path).toBeGreaterThanOrEqual(300);
      expect(answer.text, path).not.toMatch(/"token"/);
    }
  });

  it("that are no HTTP are answered or hung up on", async () => {
    const host = new URL(product.url).host;
    const requests = [
      "GARBAGE\r\n\r\n",
      `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET /api/health HTTP/1.1\r\nHost: ${host}\r\nX: ${"y".repeat(100_000)}\r\n\r\n`,
      `GET http://evil.example/api/health HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
      `POST /api/sessions HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST /api/sessions HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n`,
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: no\r\n\r\n`,
      randomBytes(4096),
      "",
    ];
    for (const request of requests) {
      const heard = await writeAndHangUp(product, request);
      expect(heard).not.toMatch(/^HTTP\/1\.1 [25]00/);
    }
  });
});

describe("paths", () => {
  const outside = [
    "../../../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a/../../etc/passwd",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "x%00y",
    "%00",
    "%",
    "%ff%fe",
    "%c0%ae%c0%ae/etc/passwd",
    "%ed%a0%80",
    "x".repeat(4096),
    `${"d/".repeat(2048)}x`,
  ];

  it.each(outside.map((path) => [path.slice(0, 40), path]))(
    "to read, write and delete do not lead out: %s",
    async (_, path) => {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const answer = await raw({ method, path: files(path), ...(method === "PUT" ? { body: "x" } : {}) });
        expect(answer, method).toMatchObject({ status: 400, code: "bad_request" });
      }
    },
  );

  it.each([
    "..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd",
    "....//etc/passwd",
    "~/.ssh/id_rsa",
    "%252e%252e/etc/passwd",
  ])("that are only odd names are odd names: %s", async (path) => {
    expect(await raw({ path: files(path) })).toMatchObject({ status: 404, code: "not_found" });
  });

  it("of names that no file system takes are refused", async () => {
    const answer = await raw({ method: "PUT", path: files("n".repeat(300)), body: "x" });
    expect(answer).toMatchObject({ status: 400, code: "bad_request" });
  });

  it("through symbolic links do not lead out either", async () => {
    await client.execute(
      sessionId,
      "mkdir -p links && ln -s / links/root && ln -s /etc/passwd links/passwd && ln -s loop links/loop",
    );
    for (const path of ["links/passwd", "links/root/etc/passwd", "links/root/tmp/written", "links/loop"]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        if (method === "DELETE" && !path.includes("root/")) continue;
        const answer = await raw({ method, path: files(path), ...(method === "PUT" ? { body: "x" } : {}) });
        expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
        expect(answer.text).not.toContain("root:");
      }
    }
    expect(
      (await raw({ path: `/api/sessions/${sessionId}/files?path=links/root` })).status,
    ).toBeGreaterThanOrEqual(400);
    const { stdout } = await client.execute(sessionId, "ls /tmp/written; head -c 5 /etc/passwd");
    expect(stdout).toBe("root:");
  });

  it("over the socket do not lead out", async () => {
    const bad = ["..", "../x", "a/../../x", "/etc", "a\0b", "x".repeat(4096), "\ud800"];
    for (const path of bad) {
      for (const type of ["file.list", "file.stat", "file.delete", "file.make-directory"] as const) {
        await expect(
          live.command(type, sessionId, { path }),
          `${type} ${path.slice(0, 20)}`,
        ).rejects.toMatchObject({ code: "bad_request" });
      }
      await expect(live.command("file.move", sessionId, { from: "a", to: path })).rejects.toMatchObject({
        code: "bad_request",
      });
      await expect(
        live.command("terminal.create", sessionId, { cols: 80, rows: 24, cwd: path }),
      ).rejects.toMatchObject({ code: "bad_request" });
    }
    for (const path of ["links/root/etc", "links/passwd"]) {
      await expect(live.command("file.list", sessionId, { path })).rejects.toMatchObject({
        code: expect.stringMatching(/bad_request|not_found|forbidden/),
      });
    }
  });
});

describe("files", () => {
  it("of 50 MB, binary, come back byte for byte, and a lost update is refused", async () => {
    const bytes = randomBytes(50 * 1024 * 1024);
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    const put = await client.fetch(files("large.bin"), { method: "PUT", body: bytes });
    expect(put.headers.get("etag")).toBe(etag);
    expect(await put.json()).toMatchObject({ size: bytes.length, created: true, etag });
    const got = await client.fetch(files("large.bin"));
    expect(got.headers.get("etag")).toBe(etag);
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await client.fetch(files("large.bin"), { headers: { "if-none-match": etag } })).status).toBe(304);

    const small = await client.fetch(files("large.bin"), {
      method: "PUT",
      body: "small",
      headers: { "if-match": etag },
    });
    expect(small.status).toBe(200);
    const lost = await raw({
      method: "PUT",
      path: files("large.bin"),
      body: "lost",
      headers: { "if-match": etag },
    });
    expect(lost).toMatchObject({ status: 412, code: "precondition_failed" });
    expect(JSON.parse(lost.text).error.details.etag).toBe(small.headers.get("etag"));
    const again = await raw({
      method: "PUT",
      path: files("large.bin"),
      body: "x",
      headers: { "if-none-match": "*" },
    });
    expect(again).toMatchObject({ status: 412, code: "precondition_failed" });
    const gone = await raw({ method: "DELETE", path: files("large.bin"), headers: { "if-match": etag } });
    expect(gone).toMatchObject({ status: 412, code: "precondition_failed" });
    for (const header of ["x", '"abc"', 'W/"x"']) {
      const answer = await raw({
        method: "PUT",
        path: files("large.bin"),
        body: "x",
        headers: { "if-match": header },
      });
      expect(answer, header).toMatchObject({ status: 400, code: "bad_request" });
    }
    expect((await client.execute(sessionId, "cat large.bin")).stdout).toBe("small");
  });

  it("whose upload breaks off leave nothing behind", async () => {
    await client.execute(sessionId, "mkdir -p broken");
    const head = (method: string, path: string, type: string) =>
      `${method} ${path} HTTP/1.1\r\nHost: ${new URL(product.url).host}\r\nAuthorization: Bearer ${client.token}\r\nContent-Type: ${type}\r\nContent-Length: 1000000\r\n\r\n`;
    const part =
      '--cut\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\nhalf of it';
    await writeAndHangUp(
      product,
      `${head("PUT", files("broken/put.txt"), "application/octet-stream")}half of it`,
    );
    await writeAndHangUp(
      product,
      `${head("POST", `/api/sessions/${sessionId}/files?path=broken`, "multipart/form-data; boundary=cut")}${part}`,
    );
    await writeAndHangUp(
      product,
      `${head("POST", "/api/sessions", "multipart/form-data; boundary=cut")}${part}`,
    );
    await expect.poll(async () => (await client.execute(sessionId, "ls -A broken")).stdout).toBe("");
  });

  it("in forms with names that lead out are refused, and the others are not lost for it", async () => {
    for (const name of ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "x\0y", "n".repeat(300)]) {
      const form = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\ntext\r\n--b--\r\n`;
      const headers = { "content-type": "multipart/form-data; boundary=b" };
      const answer = await raw({
        method: "POST",
        path: `/api/sessions/${sessionId}/files`,
        headers,
        body: form,
      });
      expect(answer.status, name.slice(0, 20)).toBe(400);
    }
    const form = new FormData();
    form.set("file", new Blob(["fine"]), "deep/down/fine.txt");
    const answer = await client.fetch(`/api/sessions/${sessionId}/files`, { method: "POST", body: form });
    expect(answer.status).toBe(201);
    expect((await client.execute(sessionId, "cat deep/down/fine.txt; ls /tmp/out.txt")).stdout).toBe("fine");
  });
});

describe("archives", () => {
  async function create(archive: Uint8Array<ArrayBuffer>, name = "project.tar.gz") {
    const form = new FormData();
    form.set("name", "Unpacked");
    form.set("archive", new Blob([archive]), name);
    return client.fetch("/api/sessions", { method: "POST", body: form });
  }

  /** Until it failed; then it is deleted. */
  async function failing(archive: Uint8Array<ArrayBuffer>): Promise<Session> {
    const response = await create(archive);
    expect(response.status).toBe(201);
    const { id } = ((await response.json()) as { session: Session }).session;
    const find = async () => (await client.call<{ session: Session }>("GET", `/api/sessions/${id}`)).session;
    await expect.poll(async () => (await find()).state, { timeout: 60_000 }).toBe("failed");
    const session = await find();
    await client.call("DELETE", `/api/sessions/${id}`);
    await expect
      .poll(() => client.call("GET", `/api/sessions/${id}`).catch(({ code }: Refused) => code))
      .toBe("not_found");
    return session;
  }

  const text = Buffer.from("text");
  const zeros = Buffer.alloc(100 * 1024 * 1024);
  it.each([
    [
      "a path out",
      () =>
        tarGz([
          { name: "fine", content: text },
          { name: "../out", content: text },
        ]),
    ],
    ["an absolute path", () => tarGz([{ name: "/tmp/out", content: text }])],
    ["a link out", () => tarGz([{ name: "link", type: "2", link: "../../etc" }])],
    [
      "a file through a link out",
      () =>
        tarGz([
          { name: "l", type: "2", link: "/tmp" },
          { name: "l/out", content: text },
        ]),
    ],
    ["a hard link out", () => tarGz([{ name: "passwd", type: "1", link: "/etc/passwd" }])],
    ["a device", () => tarGz([{ name: "null", type: "3" }])],
    ["a path out in a zip", () => zip("../out", text)],
    ["a bomb", () => tarGz([{ name: "zeros", content: zeros }])],
    ["a bomb in a zip", () => zip("zeros", zeros)],
    ["a bomb that lies of its size", () => zip("zeros", zeros, 10)],
    ["a size beyond all disks", () => tarGz([{ name: "huge", content: text, size: 0o77777777777 }])],
    [
      "an end before its end",
      () => tarGz([{ name: "cut", content: randomBytes(100_000) }]).subarray(0, 50_000),
    ],
    ["nothing after gzip's first bytes", () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])],
  ])("with %s make the session fail with a sentence, and it can be deleted", async (_, make) => {
    const session = await failing(new Uint8Array(make()));
    expect(session.stopReason).toBe("archive-failed");
    expect(session.stateMessage).toMatch(/^The archive could not be unpacked: ./);
    expect(session.stateMessage).not.toMatch(/an unexpected error/);
  });

  it("that are none are refused at the door", async () => {
    for (const bytes of [Buffer.from("hello"), Buffer.alloc(0), randomBytes(10).fill(7, 0, 4)]) {
      expect((await create(new Uint8Array(bytes))).status).toBe(400);
    }
  });
});

describe("somebody else's session", () => {
  it("does not exist over REST, whatever is asked of it", async () => {
    const member = rawOf(await addMember(product));
    for (const { method, path } of routes.values()) {
      if (!path.includes("{sessionId}")) continue;
      const filled = path
        .replace("{sessionId}", sessionId)
        .replace("{path}", "x")
        .replace(/\{\w+\}/g, randomUUID());
      const headers = { "content-type": "application/json" };
      const body = method === "GET" || method === "DELETE" ? {} : { body: "{}" };
      expect(await member({ method, path: filled, headers, ...body }), `${method} ${path}`).toMatchObject({
        status: 404,
        code: "not_found",
      });
    }
    const { text } = await member({ path: "/api/sessions" });
    expect(JSON.parse(text)).toEqual({ sessions: [] });
  });

  it("does not exist over the socket, and nothing of it is heard", async () => {
    const stranger = (await addMember(product)).live();
    const heard: unknown[] = [];
    stranger.socket.on("event", (...args) => heard.push(args));
    for (const { type, needs } of commands.values()) {
      if (needs === "internal") continue;
      const answer = await stranger.socket.timeout(10_000).emitWithAck("command", type, sessionId, {});
      expect(answer, type).toMatchObject({ ok: false, error: { code: "not_found" } });
    }
    await client.call("PATCH", `/api/sessions/${sessionId}`, { name: "Renamed" });
    await stranger.socket.timeout(10_000).emitWithAck("command", "session.watch", sessionId, {});
    expect(heard).toEqual([]);
    stranger.close();
  });

  it("and everything else needs a sign-in", async () => {
    for (const { method, path, needs } of routes.values()) {
      if (needs === "nobody") continue;
      const filled = path
        .replace("{sessionId}", sessionId)
        .replace("{path}", "x")
        .replace(/\{\w+\}/g, randomUUID());
      for (const headers of [
        {},
        { authorization: "Bearer rcl_x" },
        { authorization: "Basic eDp5" },
        { cookie: `remote-claude.sign-in=${"x".repeat(43)}` },
      ]) {
        const answer = await sendRaw(product, {
          method,
          path: filled,
          headers: headers as Record<string, string>,
        });
        expect(answer, `${method} ${path}`).toMatchObject({ status: 401, code: "unauthenticated" });
      }
    }
    for (const auth of [{}, { token: "rcl_x" }, { token: { $ne: "" } }, { token: 1 }, { token: ["x"] }]) {
      const socket = io(product.url, { transports: ["websocket"], auth, reconnection: false });
      const error = await new Promise<Error & { data?: unknown }>((resolve) =>
        socket.once("connect_error", resolve),
      );
      expect(error.data, JSON.stringify(auth)).toMatchObject({ code: "unauthenticated" });
    }
  });
});

describe("pages of other addresses", () => {
  let cookie: string;

  beforeAll(async () => {
    const signedIn = await fetch(`${product.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: adminEmail, password: product.adminPassword }),
    });
    cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  });

  const rename = (headers: Record<string, string>) =>
    sendRaw(product, {
      method: "PATCH",
      path: `/api/sessions/${sessionId}`,
      headers: { "content-type": "application/json", cookie, ...headers },
      body: '{"name":"By cookie"}',
    });

  it("cannot change anything with the cookie they borrow", async () => {
    expect((await rename({ origin: product.url })).status).toBe(200);
    const foreign: Record<string, string>[] = [
      { origin: "http://evil.example" },
      { origin: `${product.url}.evil.example` },
      { origin: `${product.url}0` },
      { origin: product.url.replace("http:", "https:") },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) {
      expect(await rename(headers), JSON.stringify(headers)).toMatchObject({
        status: 403,
        code: "forbidden",
      });
    }
  });

  it("cannot open a live connection with it", async () => {
    const connect = (headers: Record<string, string>) =>
      new Promise<unknown>((resolve) => {
        const socket = io(product.url, {
          transports: ["websocket"],
          reconnection: false,
          extraHeaders: headers,
        });
        socket.once("connect", () => {
          socket.disconnect();
          resolve("connected");
        });
        socket.once("connect_error", (error: Error & { data?: { code?: string } }) =>
          resolve(error.data?.code ?? error.message),
        );
      });
    expect(await connect({ cookie, origin: product.url })).toBe("connected");
    for (const origin of ["http://evil.example", `${product.url}.evil.example`, "null"]) {
      expect(await connect({ cookie, origin }), origin).not.toBe("connected");
    }
  });
});

describe("the live connection", () => {
  const ask = (...args: unknown[]) => live.socket.timeout(10_000).emitWithAck("command", ...args);

  it("refuses commands of the wrong shape, unknown ones and those that are internal", async () => {
    const strange: unknown[][] = [
      [],
      [null],
      [42, sessionId, {}],
      [{ type: "file.list" }, sessionId, {}],
      ["file.list"],
      ["file.list", null, {}],
      ["file.list", "x", {}],
      ["file.list", [sessionId], { path: "" }],
      ["file.list", sessionId],
      ["file.list", sessionId, null],
      ["file.list", sessionId, "path"],
      ["file.list", sessionId, { path: 1 }],
      ["file.list", sessionId, { path: ["a"] }],
      ["file.list", sessionId, Buffer.from("bytes")],
      ["file.nothing", sessionId, {}],
      ["__proto__", sessionId, {}],
      ["constructor", sessionId, {}],
      ["terminal.create", sessionId, { cols: 0, rows: 24 }],
      ["terminal.create", sessionId, { cols: 1e9, rows: 24 }],
      ["terminal.input", sessionId, { terminalId: "x", writer: "y", sequence: 0, data: 1 }],
      ["chat.send", sessionId, { conversationId: "x", messageId: "y", text: "" }],
      ["chat.answer", sessionId, { conversationId: randomUUID(), requestId: randomUUID(), decision: "yes" }],
    ];
    for (const args of strange) {
      expect(
        await ask(...args.concat(Array(3 - Math.min(args.length, 3)).fill(undefined))),
        JSON.stringify(args),
      ).toMatchObject({
        ok: false,
        error: { code: "bad_request" },
      });
    }
    for (const { type, needs } of commands.values()) {
      if (needs === "internal")
        expect(await ask(type, sessionId, {}), type).toMatchObject({
          ok: false,
          error: { code: "bad_request" },
        });
    }
  });

  it("does not mind events that are none of ours, nor commands without a way to answer", async () => {
    live.socket.emit("nothing", 1, 2, 3);
    live.socket.emit("event", "terminal.output", sessionId, { data: "forged" });
    live.socket.emit("command");
    live.socket.emit("command", "file.list", sessionId, { path: ".." });
    live.socket.emit("command", "file.list", sessionId, { path: "" }, "not a function");
    expect(await ask("file.list", sessionId, { path: "" })).toMatchObject({ ok: true });
  });

  it("answers 300 commands at once, each with a result or the word that they are too many", async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => ask("file.list", sessionId, { path: "" })),
    );
    const outcomes = answers.map((answer) => (answer.ok ? "ok" : answer.error.code));
    expect(new Set(outcomes)).toEqual(
      new Set(outcomes.includes("rate_limited") ? ["ok", "rate_limited"] : ["ok"]),
    );
    expect(outcomes.filter((outcome) => outcome === "ok").length).toBeGreaterThanOrEqual(256);
    expect(await ask("file.list", sessionId, { path: "" })).toMatchObject({ ok: true });
  });

  it("hangs up on what does not speak its protocol", async () => {
    const frames: (string | Uint8Array<ArrayBuffer>)[] = [
      "garbage",
      "{",
      "",
      "9",
      "4",
      "42",
      "42[",
      '42["command"]',
      '420["command","file.list"]',
      "451-[]",
      '451-["command",{"_placeholder":true,"num":9}]',
      '40/admin,{"token":1}',
      `40${"[".repeat(10_000)}`,
      '40{"token":{"length":1e9}}',
      "x".repeat(5 * 1024 * 1024),
      new Uint8Array([0, 1, 2, 255]),
      new Uint8Array(5 * 1024 * 1024),
    ];
    const address = `${product.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
    for (const frame of frames) {
      for (const afterConnect of [false, true]) {
        const socket = new WebSocket(address);
        const answer = new Promise<string>((resolve) => {
          socket.onclose = () => resolve("closed");
          socket.onerror = () => resolve("closed");
          socket.onmessage = ({ data }) => {
            const text = String(data);
            if (text.startsWith("0") && afterConnect)
              socket.send(`40${JSON.stringify({ token: client.token })}`);
            else if (text.startsWith("0") || text.startsWith("40")) {
              socket.send(frame);
              // Ours on the same connection, so that something comes back from those that are only ignored.
              socket.send("2still there?");
            } else if (text.startsWith("44")) resolve("refused");
            else if (text.startsWith("3") || text.startsWith("43")) resolve("ignored");
          };
        });
        expect(["closed", "refused", "ignored"], String(frame).slice(0, 30)).toContain(await answer);
        socket.close();
      }
    }
  });
});
