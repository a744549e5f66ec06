import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AppError,
  claudeHistory,
  createSession,
  deleteSession,
  getSession,
  listSessions,
  readFile,
} from "@remote-claude/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, request, urlOf } from "./api.ts";

const sessionId = "0192f000-0000-7000-8000-000000000001";
const servers: Server[] = [];

/** A real server in place of the api; relative addresses lead to it. */
async function serve(listener: RequestListener): Promise<void> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (path: string, init?: RequestInit) => real(new URL(path, origin), init));
}

afterEach(() => {
  vi.unstubAllGlobals();
  for (const server of servers.splice(0)) server.close();
});

const errorOf = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => expect.fail("it was not refused"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(AppError);
      return error as AppError;
    },
  );

describe("urlOf", () => {
  it("keeps the slashes of a path and escapes everything else", () => {
    expect(urlOf(readFile, { sessionId, path: "src/a b#c?.ts" })).toBe(
      `/api/sessions/${sessionId}/files/src/a%20b%23c%3F.ts`,
    );
  });

  it("leaves out query fields that are undefined", () => {
    expect(urlOf(claudeHistory, { sessionId }, { after: 3, conversationId: undefined })).toBe(
      `/api/sessions/${sessionId}/claude/history?after=3`,
    );
  });
});

describe("call", () => {
  it("sends the body as JSON and gives the answer back", async () => {
    let seen = "";
    await serve((incoming, response) => {
      incoming.setEncoding("utf8");
      incoming.on("data", (text: string) => {
        seen += `${incoming.method} ${incoming.url} ${incoming.headers["content-type"]} ${text}`;
      });
      incoming.on("end", () => response.writeHead(201).end('{"session":{"name":"a"}}'));
    });
    const { session } = await call(createSession, { body: { name: "a" } });
    expect(session.name).toBe("a");
    expect(seen).toBe('POST /api/sessions application/json {"name":"a"}');
  });

  it("throws the api's error with its code, sentence and details", async () => {
    await serve((_, response) =>
      response
        .writeHead(412)
        .end('{"error":{"code":"precondition_failed","message":"It changed.","details":{"etag":"x"}}}'),
    );
    const error = await errorOf(call(getSession, { params: { sessionId } }));
    expect(error.code).toBe("precondition_failed");
    expect(error.message).toBe("It changed.");
    expect(error.details).toEqual({ etag: "x" });
  });

  it("has a sentence for an answer that is not the api's", async () => {
    await serve((_, response) => response.writeHead(502).end("<html>Bad Gateway</html>"));
    const error = await errorOf(call(listSessions));
    expect(error.code).toBe("unavailable");
    expect(error.message).not.toContain("<");
  });

  it("says that the server cannot be reached when nobody listens", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
    expect((await errorOf(call(listSessions))).code).toBe("unavailable");
  });

  it("gives nothing back for an answer without content", async () => {
    await serve((_, response) => response.writeHead(204).end());
    expect(await call(deleteSession, { params: { sessionId } })).toBeUndefined();
  });

  it("hands an abort on as it is", async () => {
    await serve(() => undefined);
    const abort = new AbortController();
    const promise = call(listSessions, { signal: abort.signal });
    abort.abort();
    await expect(promise).rejects.toMatchObject({ name: "AbortError" });
  });

  it("leaves for the sign-in page, with the way back, when the sign-in no longer counts", async () => {
    await serve((_, response) =>
      response.writeHead(401).end('{"error":{"code":"unauthenticated","message":"Sign in first."}}'),
    );
    const assign = vi.fn();
    vi.stubGlobal("window", { location: { pathname: "/sessions/1", search: "?a=b", assign } });
    expect((await errorOf(call(listSessions))).code).toBe("unauthenticated");
    expect(assign).toHaveBeenCalledWith("/sign-in?callbackUrl=%2Fsessions%2F1%3Fa%3Db&ended=1");
  });
});

describe("request", () => {
  it("takes 304 for an answer, not for a refusal", async () => {
    await serve((_, response) => response.writeHead(304).end());
    expect((await request(readFile, { params: { sessionId, path: "a" } })).status).toBe(304);
  });
});
