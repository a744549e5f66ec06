import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Place } from "@remote-claude/protocol";
import { inRequest } from "@remote-claude/service/request-scope";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHttpManager } from "./index.ts";

const log = pino({ level: "silent" });
const secret = "the-secret-of-the-manager";
const placeId = "abcdefghij23";
const place: Place = {
  placeId,
  template: "default",
  runtime: "local",
  isolation: "bubblewrap",
  state: "running",
  exit: null,
  startedAt: null,
  stats: null,
};
const request = { template: "default", apiPublicKey: "key", placeSecret: "s".repeat(43) };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function managerAt(onRequest: RequestListener, port = 0) {
  const server: Server = createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  const manager = createHttpManager({ url: `http://127.0.0.1:${address.port}`, secret, log });
  closers.push(
    () => manager.close(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { manager, server };
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  };

describe("the manager's client", () => {
  it("asks under the id of the request it asks for", async () => {
    const ids: unknown[] = [];
    const { manager } = await managerAt((incoming, response) => {
      ids.push(incoming.headers["x-request-id"]);
      response.end(JSON.stringify(place));
    });
    await inRequest("request-of-somebody", () => manager.ensure(placeId, request));
    await manager.stop(placeId);
    expect(ids).toEqual(["request-of-somebody", undefined]);
  });

  it("asks with the secret for what the interface names", async () => {
    const asked: string[] = [];
    const { manager } = await managerAt((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`);
      if (incoming.method === "DELETE") response.writeHead(204).end();
      else if (incoming.url === "/places") response.end(JSON.stringify({ places: [place] }));
      else response.end(JSON.stringify(place));
    });
    expect(await manager.ensure(placeId, request)).toEqual(place);
    await manager.stop(placeId);
    await manager.remove(placeId);
    expect(await manager.list()).toEqual([place]);
    expect(await manager.find(placeId)).toEqual(place);
    const bearer = `Bearer ${secret}`;
    expect(asked).toEqual([
      `PUT /places/${placeId} ${bearer}`,
      `POST /places/${placeId}/stop ${bearer}`,
      `DELETE /places/${placeId} ${bearer}`,
      `GET /places ${bearer}`,
      `GET /places/${placeId} ${bearer}`,
    ]);
  });

  it("hands refusals on, and takes a place that is not there for stopped and removed", async () => {
    const error = { code: "not_found", message: "no such place" };
    const { manager } = await managerAt(json(404, { error }));
    await expect(manager.ensure(placeId, request)).rejects.toMatchObject(error);
    await expect(manager.stop(placeId)).resolves.toBeUndefined();
    await expect(manager.remove(placeId)).resolves.toBeUndefined();
    await expect(manager.find(placeId)).resolves.toBeNull();
  });

  it("says that a manager which is away, or talks nonsense, is unavailable", async () => {
    const { manager, server } = await managerAt((_request, response) =>
      response.writeHead(500).end("<html>"),
    );
    await expect(manager.list()).rejects.toMatchObject({ code: "unavailable" });
    server.close();
    server.closeAllConnections();
    await expect(manager.list()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("follows events, also in pieces and after the stream breaks", async () => {
    let streams = 0;
    const event = `: hello\r\n\r\ndata: ${JSON.stringify({ place })}\n\n`;
    const { manager } = await managerAt((_request, response) => {
      streams += 1;
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(event.slice(0, 30));
      setImmediate(() => {
        response.write(event.slice(30));
        if (streams === 1) setImmediate(() => response.destroy());
      });
    });
    const onConnect = vi.fn();
    const onPlace = vi.fn();
    const stop = manager.watch({ onConnect, onPlace });
    closers.unshift(stop);
    await vi.waitFor(() => expect(onPlace).toHaveBeenCalledTimes(2), { timeout: 10_000 });
    expect(onPlace).toHaveBeenLastCalledWith(place);
    expect(onConnect).toHaveBeenCalledTimes(2);
  });
});
