import { randomUUID } from "node:crypto";
import { commands, routes } from "@remote-claude/protocol";
import { io } from "socket.io-client";
import { beforeAll, describe, expect, it } from "vitest";
import { addMember } from "./testing/members.ts";
import { adminEmail } from "./testing/product.ts";
import { rawOf, sendRaw } from "./testing/raw-http.ts";
import { steadyProduct } from "./testing/steady-product.ts";

const steady = steadyProduct();

describe("somebody else's session", () => {
  it("does not exist over REST, whatever is asked of it", async () => {
    const member = rawOf(await addMember(steady.product));
    const ofSessions = [...routes.values()].filter(({ needs }) => needs.startsWith("session."));
    expect(ofSessions.length).toBeGreaterThan(20);
    for (const { method, path } of ofSessions) {
      const filled = path
        .replace("{sessionId}", steady.sessionId)
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
    const stranger = (await addMember(steady.product)).live();
    const heard: unknown[] = [];
    stranger.socket.on("event", (...args) => heard.push(args));
    for (const { type, needs } of commands.values()) {
      if (needs === "internal") continue;
      const answer = await stranger.socket.timeout(10_000).emitWithAck("command", type, steady.sessionId, {});
      expect(answer, type).toMatchObject({ ok: false, error: { code: "not_found" } });
    }
    await steady.client.call("PATCH", `/api/sessions/${steady.sessionId}`, { name: "Renamed" });
    await stranger.socket.timeout(10_000).emitWithAck("command", "session.watch", steady.sessionId, {});
    expect(heard).toEqual([]);
    stranger.close();
  });

  it("and everything else needs a sign-in", async () => {
    for (const { method, path, needs } of routes.values()) {
      if (needs === "nobody") continue;
      const filled = path
        .replace("{sessionId}", steady.sessionId)
        .replace("{path}", "x")
        .replace(/\{\w+\}/g, randomUUID());
      for (const headers of [
        {},
        { authorization: "Bearer rcl_x" },
        { authorization: "Basic eDp5" },
        { cookie: `remote-claude.sign-in=${"x".repeat(43)}` },
      ]) {
        const answer = await sendRaw(steady.product, {
          method,
          path: filled,
          headers: headers as Record<string, string>,
        });
        expect(answer, `${method} ${path}`).toMatchObject({ status: 401, code: "unauthenticated" });
      }
    }
    for (const auth of [{}, { token: "rcl_x" }, { token: { $ne: "" } }, { token: 1 }, { token: ["x"] }]) {
      const socket = io(steady.product.url, { transports: ["websocket"], auth, reconnection: false });
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
    const signedIn = await fetch(`${steady.product.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: adminEmail, password: steady.product.adminPassword }),
    });
    cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  });

  const rename = (headers: Record<string, string>) =>
    sendRaw(steady.product, {
      method: "PATCH",
      path: `/api/sessions/${steady.sessionId}`,
      headers: { "content-type": "application/json", cookie, ...headers },
      body: '{"name":"By cookie"}',
    });

  it("cannot change anything with the cookie they borrow", async () => {
    expect((await rename({ origin: steady.product.url })).status).toBe(200);
    const foreign: Record<string, string>[] = [
      { origin: "http://evil.example" },
      { origin: `${steady.product.url}.evil.example` },
      { origin: `${steady.product.url}0` },
      { origin: steady.product.url.replace("http:", "https:") },
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
        const socket = io(steady.product.url, {
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
    expect(await connect({ cookie, origin: steady.product.url })).toBe("connected");
    for (const origin of ["http://evil.example", `${steady.product.url}.evil.example`, "null"]) {
      expect(await connect({ cookie, origin }), origin).not.toBe("connected");
    }
  });
});
