import { randomBytes, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { commands } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { adminEmail } from "./testing/product.ts";
import { sendRaw, writeAndHangUp } from "./testing/raw-http.ts";
import { steadyProduct } from "./testing/steady-product.ts";

const steady = steadyProduct();

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
    const answer = await steady.json("POST", "/api/sessions", body);
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
      const answer = await steady.raw({ method: "POST", path: "/api/sessions", headers, body });
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
      steady.raw({ method: "POST", path: "/api/sessions", headers, body: large }),
      steady.raw({
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
    const whole = path.startsWith("/api") ? path : `/api/sessions/${steady.sessionId}${path}`;
    expect(await steady.json("POST", whole, body)).toMatchObject({ status: 400, code: "bad_request" });
  });

  it("and queries with unknown, doubled and senseless fields are refused", async () => {
    for (const query of [
      "files?path=a&path=b",
      "files?path[$ne]=x",
      "files?x=1",
      "claude/history?after=-1",
      "claude/history?after=x",
    ]) {
      const answer = await steady.raw({ path: `/api/sessions/${steady.sessionId}/${query}` });
      expect(answer, query).toMatchObject({ status: 400, code: "bad_request" });
    }
  });
});

describe("addresses", () => {
  it("that do not exist, methods that do not fit, and what is internal are said so", async () => {
    expect(await steady.raw({ path: "/api/nothing" })).toMatchObject({ status: 404, code: "not_found" });
    expect(await steady.raw({ method: "PATCH", path: "/api/config" })).toMatchObject({
      status: 405,
      code: "method_not_allowed",
    });
    expect(await steady.raw({ path: "/api/sessions/not-an-id" })).toMatchObject({
      status: 400,
      code: "bad_request",
    });
    expect(await steady.raw({ path: `/api/sessions/${randomUUID()}` })).toMatchObject({
      status: 404,
      code: "not_found",
    });
    const { "internal-secret": secret } = await steady.product.secrets();
    for (const path of [
      "/internal/sign-in-links",
      "/api/../internal/sign-in-links",
      "/api/%2e%2e/internal/sign-in-links",
      "//internal/sign-in-links",
    ]) {
      const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
      const answer = await sendRaw(steady.product, { method: "POST", path, headers, body: "{}" });
      expect(answer.status, path).toBeGreaterThanOrEqual(300);
      expect(answer.text, path).not.toMatch(/"token"/);
    }
  });

  it("that are no HTTP are answered or hung up on", async () => {
    const host = new URL(steady.product.url).host;
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
      const heard = await writeAndHangUp(steady.product, request);
      expect(heard).not.toMatch(/^HTTP\/1\.1 [25]00/);
    }
  });
});

describe("the live connection", () => {
  const ask = (...args: unknown[]) => steady.live.socket.timeout(10_000).emitWithAck("command", ...args);

  it("refuses commands of the wrong shape, unknown ones and those that are internal", async () => {
    const strange: unknown[][] = [
      [],
      [null],
      [42, steady.sessionId, {}],
      [{ type: "file.list" }, steady.sessionId, {}],
      ["file.list"],
      ["file.list", null, {}],
      ["file.list", "x", {}],
      ["file.list", [steady.sessionId], { path: "" }],
      ["file.list", steady.sessionId],
      ["file.list", steady.sessionId, null],
      ["file.list", steady.sessionId, "path"],
      ["file.list", steady.sessionId, { path: 1 }],
      ["file.list", steady.sessionId, { path: ["a"] }],
      ["file.list", steady.sessionId, Buffer.from("bytes")],
      ["file.nothing", steady.sessionId, {}],
      ["__proto__", steady.sessionId, {}],
      ["constructor", steady.sessionId, {}],
      ["terminal.create", steady.sessionId, { cols: 0, rows: 24 }],
      ["terminal.create", steady.sessionId, { cols: 1e9, rows: 24 }],
      ["terminal.input", steady.sessionId, { terminalId: "x", writer: "y", sequence: 0, data: 1 }],
      ["chat.send", steady.sessionId, { conversationId: "x", messageId: "y", text: "" }],
      [
        "chat.answer",
        steady.sessionId,
        { conversationId: randomUUID(), requestId: randomUUID(), decision: "yes" },
      ],
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
        expect(await ask(type, steady.sessionId, {}), type).toMatchObject({
          ok: false,
          error: { code: "bad_request" },
        });
    }
  });

  it("does not mind events that are none of ours, nor commands without a way to answer", async () => {
    steady.live.socket.emit("nothing", 1, 2, 3);
    steady.live.socket.emit("event", "terminal.output", steady.sessionId, { data: "forged" });
    steady.live.socket.emit("command");
    steady.live.socket.emit("command", "file.list", steady.sessionId, { path: ".." });
    steady.live.socket.emit("command", "file.list", steady.sessionId, { path: "" }, "not a function");
    expect(await ask("file.list", steady.sessionId, { path: "" })).toMatchObject({ ok: true });
  });

  it("answers 300 commands at once, each with a result or the word that they are too many", async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => ask("file.list", steady.sessionId, { path: "" })),
    );
    const outcomes = answers.map((answer) => (answer.ok ? "ok" : answer.error.code));
    expect(new Set(outcomes)).toEqual(
      new Set(outcomes.includes("rate_limited") ? ["ok", "rate_limited"] : ["ok"]),
    );
    expect(outcomes.filter((outcome) => outcome === "ok").length).toBeGreaterThanOrEqual(256);
    expect(await ask("file.list", steady.sessionId, { path: "" })).toMatchObject({ ok: true });
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
    const address = `${steady.product.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
    for (const frame of frames) {
      for (const afterConnect of [false, true]) {
        const socket = new WebSocket(address);
        const answer = new Promise<string>((resolve) => {
          socket.onclose = () => resolve("closed");
          socket.onerror = () => resolve("closed");
          socket.onmessage = ({ data }) => {
            const text = String(data);
            if (text.startsWith("0") && afterConnect)
              socket.send(`40${JSON.stringify({ token: steady.client.token })}`);
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
