import { lstat, mkdir, symlink, writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, createHarness, type Harness, serve } from "./testing/harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(() => harness.end());

const hello = { path: "/api/hello" };
const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

describe("a place's socket", () => {
  it("is there for every place at the start, comes with a new one, and goes with its removal", async () => {
    const first = await harness.addPlace();
    // Long enough apart that only the notification can be what is seen here.
    await harness.start({}, { reconcileEveryMs: 600_000 });
    expect((await ask(first.socketPath, hello)).status).toBe(200);
    const second = await harness.addPlace();
    await vi.waitFor(async () => expect((await ask(second.socketPath, hello)).status).toBe(200));
    const { mode } = await lstat(second.socketPath);
    expect(mode & 0o777).toBe(0o770);
    expect((await lstat(join(harness.runDir, second.placeId))).mode & 0o7777).toBe(0o2770);
    await harness.database.db.place.update({
      where: { id: second.placeId },
      data: { removedAt: new Date() },
    });
    await vi.waitFor(async () => expect(await exists(second.socketPath)).toBe(false));
    expect((await ask(first.socketPath, hello)).status).toBe(200);
  });

  it("is brought back by the regular comparison when it was lost", async () => {
    const place = await harness.addPlace();
    await harness.start({}, { reconcileEveryMs: 100 });
    const { rm } = await import("node:fs/promises");
    // It may be brought back while it is being removed.
    await rm(join(harness.runDir, place.placeId), { recursive: true, maxRetries: 10 });
    await vi.waitFor(async () => expect((await ask(place.socketPath, hello)).status).toBe(200));
  });

  it("replaces a stale one, and that of an egress which still runs, which does not take it away when it ends", async () => {
    const place = await harness.addPlace();
    const old = await harness.start({}, { reconcileEveryMs: 600_000 });
    const young = await harness.start({ ANTHROPIC_API_KEY: "" }, { reconcileEveryMs: 100 });
    await old.stop();
    // News that comes late makes the old one take its socket back before it ends; the young one then comes again.
    const prompt = { method: "POST", path: "/v1/messages", body: "{}" };
    await vi.waitFor(async () => expect((await ask(place.socketPath, prompt)).status).toBe(401));
    await young.stop();
    expect(await exists(place.socketPath)).toBe(false);
  });

  it("is not made where something else lies, nor through a symlink", async () => {
    const [file, linked, fine] = [
      await harness.addPlace(),
      await harness.addPlace(),
      await harness.addPlace(),
    ];
    await mkdir(join(harness.runDir, file.placeId, "in"), { recursive: true });
    await writeFile(file.socketPath, "not a socket");
    const elsewhere = join(harness.runDir, "elsewhere");
    await mkdir(elsewhere);
    await mkdir(join(harness.runDir, linked.placeId));
    await symlink(elsewhere, join(harness.runDir, linked.placeId, "in"));
    await harness.start();
    expect((await ask(fine.socketPath, hello)).status).toBe(200);
    expect((await lstat(file.socketPath)).isFile()).toBe(true);
    expect(await exists(join(elsewhere, "egress.sock"))).toBe(false);
    expect(harness.logged.join("")).toContain("is not a directory");
  });
});

it("the health server tells of key and database", async () => {
  const egress = await harness.start({ ANTHROPIC_API_KEY: "" });
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${egress.port}${path}`);
    return { status: answer.status, body: await answer.json() };
  };
  expect(await get("/health")).toEqual({ status: 200, body: { status: "ok", modelKeyConfigured: false } });
  expect(await get("/ready")).toEqual({ status: 200, body: { status: "ok", checks: { database: "ok" } } });
  expect((await get("/v1/messages")).status).toBe(404);
});

it("removing a place ends what is under way in it", async () => {
  let ended = false;
  const upstream = await serve(
    http.createServer((request, response) => {
      request.resume();
      response.once("close", () => {
        ended = true;
      });
      response.writeHead(200, { "content-type": "text/event-stream" }).write("event: ping\ndata: {}\n\n");
    }),
  );
  const place = await harness.addPlace();
  await harness.start({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${upstream.port}` });
  const answer = ask(place.socketPath, { method: "POST", path: "/v1/messages", body: "{}" });
  const removing = new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
    vi.waitFor(() => expect(harness.logged.join("")).toContain('"verdict":"requested"')),
  );
  await removing;
  await harness.database.db.place.update({ where: { id: place.placeId }, data: { removedAt: new Date() } });
  expect((await answer).cut).toBe(true);
  await vi.waitFor(() => expect(ended).toBe(true));
  await upstream.close();
});
