import { AppError } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Context } from "../context.ts";
import {
  auditOf,
  buildSession,
  buildUser,
  rowOf,
  sessionIn,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { claimPlace } from "./claim.ts";
import { tendPool } from "./keep.ts";
import { poolLock } from "./tend.ts";

const size = 2;
let api: TestApi;
let context: Context;
beforeAll(async () => {
  api = await startApi({ env: { WARM_PLACES: String(size), METRICS_TOKEN: "metrics-token" } });
});
beforeEach(async () => {
  context = api.app.context;
  await tendPool(context);
});
afterEach(async () => {
  api.manager.reset();
  api.agents.reset();
  // What is on its way counts as busy.
  await api.database.db.session.updateMany({
    where: { state: { in: ["creating", "starting"] } },
    data: { state: "stopped" },
  });
});
afterAll(() => api.stop());

/** Unclaimed places, oldest first. */
function pool() {
  return api.database.db.place.findMany({ where: { sessionId: null }, orderBy: { createdAt: "asc" } });
}
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).sort();

/** The same installation as another of its apis sees it, with other settings if they were changed. */
function anotherApi(change: Partial<Context["config"]> = {}): Context {
  return { ...context, config: { ...context.config, redisUrl: "redis://elsewhere", ...change } };
}

async function newSession(name = "Warm") {
  const { client } = await signedInClient(api);
  const { body } = await client.post("/api/sessions", { name });
  await sessionIn(client, body.session.id, "running");
  return { client, row: await rowOf(api, body.session.id) };
}

async function metric(name: string): Promise<number> {
  const client = api.client.with({ authorization: "Bearer metrics-token" });
  const { text } = await client.get("/metrics");
  const line = text.split("\n").find((each: string) => each.startsWith(name));
  return Number(line?.split(" ")[1]);
}

describe("the pool", () => {
  it("holds as many started places as it is told to, which belong to nobody", async () => {
    const places = await pool();
    expect(places).toHaveLength(size);
    for (const { id, state, removedAt } of places) {
      expect([state, removedAt]).toEqual(["running", null]);
      expect(api.manager.requests.get(id)).toMatchObject({
        template: "default",
        warm: true,
        warmClaude: false,
      });
      expect(api.manager.requests.get(id)?.limits).toBeUndefined();
    }
    expect(await metric('remote_claude_warm_places{template="default",state="running"}')).toBe(size);
  });

  it("is never filled twice by apis that look at the same time", async () => {
    for (const { id } of await pool()) await api.manager.remove(id);
    const apis = [context, anotherApi(), anotherApi(), anotherApi()];
    for (let round = 0; round < 3; round += 1) await Promise.all(apis.map(tendPool));
    expect(await pool()).toHaveLength(size);
    const known = new Set((await api.database.db.place.findMany()).map(({ id }) => id));
    expect([...api.manager.places.keys()].filter((id) => !known.has(id))).toEqual([]);
  });

  it("is left to the api that is deciding about it", async () => {
    await api.database.db.place.deleteMany({ where: { sessionId: null } });
    await context.db.$transaction(async (transaction) => {
      await transaction.$queryRaw`select pg_advisory_xact_lock(${poolLock})::text`;
      await tendPool(anotherApi());
      expect(await pool()).toEqual([]);
    });
    await tendPool(anotherApi());
    expect(await pool()).toHaveLength(size);
  });

  it("is filled again after session-manager was away while something was to be removed and something to be started", async () => {
    const [outdated] = await pool();
    await api.database.db.place.update({ where: { id: outdated?.id ?? "" }, data: { madeFrom: "before" } });
    const away = vi
      .spyOn(api.manager, "remove")
      .mockRejectedValueOnce(new AppError("unavailable", "The session manager does not answer."));
    await expect(tendPool(context)).rejects.toThrow("does not answer");
    away.mockRestore();
    await tendPool(context);
    const places = await pool();
    expect(places.map(({ state }) => state)).toEqual(["running", "running"]);
    expect(idsOf(places)).not.toContain(outdated?.id);
  });

  it("is not filled while sessions start", async () => {
    for (const { id } of await pool()) await api.manager.remove(id);
    const { id } = await buildSession(api, { owner: await buildUser(api), state: "creating" });
    await tendPool(context);
    expect(await pool()).toEqual([]);
    await api.database.db.session.update({ where: { id }, data: { state: "stopped" } });
    await tendPool(context);
    expect(await pool()).toHaveLength(size);
  });

  it("is emptied when none is wanted any more", async () => {
    const before = idsOf(await pool());
    await tendPool(anotherApi({ warmPlaces: 0 }));
    expect(await pool()).toEqual([]);
    for (const id of before) expect(api.manager.places.has(id)).toBe(false);
  });
});

describe("a new session", () => {
  it("gets a place that stands ready, whose agent goes on, and another takes its turn", async () => {
    const [oldest] = await pool();
    const hits = await metric('remote_claude_warm_claims_total{result="hit"}');
    const { row } = await newSession();
    expect(row.place?.id).toBe(oldest?.id);
    expect(row.place?.claimedAt).not.toBeNull();
    expect(row.prepared).toBe(true);
    expect(api.agents.attached.get(row.id)).toBe(oldest?.id);
    // Asked for without `warm`: session-manager knows that it is somebody's.
    expect(api.manager.requests.get(oldest?.id ?? "")?.warm).toBeUndefined();
    expect(await auditOf(api, row.id)).toEqual(["session.created", "session.started"]);
    expect(await metric('remote_claude_warm_claims_total{result="hit"}')).toBe(hits + 1);
    await tendPool(context);
    const places = await pool();
    expect(places).toHaveLength(size);
    expect(idsOf(places)).not.toContain(oldest?.id);
  });

  it("never gets the one that another is just getting", async () => {
    const owner = await buildUser(api);
    const [one, two] = [await buildSession(api, { owner }), await buildSession(api, { owner })];
    for (const { placeId } of [one, two]) await api.database.db.place.delete({ where: { id: placeId } });
    const claim = (session: { id: string }, inside: Parameters<typeof claimPlace>[1]) =>
      claimPlace(context, inside, { sessionId: session.id, template: "default" });
    const claimed = await context.db.$transaction(async (first) => [
      await claim(one, first),
      await context.db.$transaction((second) => claim(two, second)),
    ]);
    expect(new Set(claimed).size).toBe(2);
    expect(claimed).not.toContain(null);
  });

  it("is served when more are wanted at once than stand ready", async () => {
    const ready = idsOf(await pool());
    const claims = async () =>
      (await metric('remote_claude_warm_claims_total{result="hit"}')) +
      (await metric('remote_claude_warm_claims_total{result="miss"}'));
    const before = await claims();
    const sessions = await Promise.all([newSession("One"), newSession("Two"), newSession("Three")]);
    const places = sessions.map(({ row }) => row.place?.id ?? "");
    expect(new Set(places).size).toBe(3);
    expect(places.filter((id) => ready.includes(id))).toHaveLength(size);
    // The third one missed, or found what had just been made in place of the first.
    expect(await claims()).toBe(before + 3);
  });

  it.each([
    ["is made from something else", { madeFrom: "another template, or other keys" }],
    ["is still being started", { state: "starting" }],
    ["is of another kind of session", { template: "other" }],
    ["is on its way out", { removedAt: new Date() }],
  ] as const)("gets none that %s", async (_, data) => {
    const ready = idsOf(await pool());
    await api.database.db.place.updateMany({ where: { sessionId: null }, data });
    const { row } = await newSession();
    expect(ready).not.toContain(row.place?.id);
    await tendPool(context);
    const now = idsOf(await pool());
    expect(now).toHaveLength(size);
    for (const id of ready) {
      expect(now).not.toContain(id);
      expect(api.manager.places.has(id)).toBe(false);
    }
  });

  it("is started as any other when the agent that stood ready has died unnoticed", async () => {
    const [oldest] = await pool();
    api.manager.places.delete(oldest?.id ?? "");
    const { row } = await newSession();
    expect(row.place?.id).toBe(oldest?.id);
    expect(api.manager.places.get(oldest?.id ?? "")?.state).toBe("running");
  });

  it("gives its place back to nobody when it is deleted", async () => {
    const { client, row } = await newSession();
    await client.delete(`/api/sessions/${row.id}`);
    await tendPool(context);
    expect(api.manager.removed).toContain(row.place?.id);
    expect(idsOf(await pool())).not.toContain(row.place?.id);
  });
});

describe("a place that stands ready", () => {
  it("is replaced when its agent has died", async () => {
    const [dead] = await pool();
    // The event alone brings it about, after a while.
    api.manager.set(dead?.id ?? "", "lost", { reason: "exited", code: 1 });
    await vi.waitFor(
      async () => {
        const places = await pool();
        expect(idsOf(places)).not.toContain(dead?.id);
        expect(places.filter(({ state }) => state === "running")).toHaveLength(size);
      },
      { timeout: 15_000 },
    );
    expect(api.manager.removed).toContain(dead?.id);
  });

  it.each([
    ["its image was made anew", (id: string) => makeOutdated(id)],
    ["it stands there for too long", () => api.clock.advance(6 * 3_600_000 + 1)],
  ])("is replaced when %s", async (_, happen) => {
    const before = idsOf(await pool());
    for (const id of before) happen(id);
    await tendPool(context);
    const after = idsOf(await pool());
    expect(after).toHaveLength(size);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
  });

  it("is replaced when its template or the api's keys are others", async () => {
    const before = idsOf(await pool());
    await tendPool(anotherApi({ apiPublicKey: "another key" }));
    const rekeyed = idsOf(await pool());
    expect(rekeyed.filter((id) => before.includes(id))).toEqual([]);
    const template = context.config.templates.get("default");
    if (template === undefined) throw new Error("no default template");
    const egress = { policy: "open" as const, hosts: [] };
    const templates = new Map([["default", { ...template, egress }]]);
    await tendPool(anotherApi({ templates }));
    expect(idsOf(await pool()).filter((id) => rekeyed.includes(id))).toEqual([]);
  });

  function makeOutdated(id: string): void {
    const place = api.manager.places.get(id);
    if (place !== undefined) api.manager.places.set(id, { ...place, outdated: true });
  }
});

describe("after a crash", () => {
  it("of the api the pool is found again, and what was half done is cleared away", async () => {
    const before = idsOf(await pool());
    const [first, second] = before;
    await api.database.db.place.update({ where: { id: first ?? "" }, data: { state: "starting" } });
    await api.restart();
    context = api.app.context;
    await tendPool(context);
    const after = idsOf(await pool());
    expect(after).toHaveLength(size);
    expect(after).toContain(second);
    expect(after).not.toContain(first);
    expect(api.manager.removed).toContain(first);
  });

  it("of another api, one that it was starting is left to it for a while", async () => {
    const [first] = await pool();
    await api.database.db.place.update({ where: { id: first?.id ?? "" }, data: { state: "starting" } });
    await tendPool(anotherApi());
    expect(idsOf(await pool())).toContain(first?.id);
    api.clock.advance(5 * 60_000);
    await tendPool(anotherApi());
    expect(idsOf(await pool())).not.toContain(first?.id);
  });

  it("of session-manager nothing is decided until it is back", async () => {
    const before = idsOf(await pool());
    api.manager.failure = new AppError("unavailable", "The session manager does not answer.");
    await expect(tendPool(context)).rejects.toMatchObject({ code: "unavailable" });
    expect(idsOf(await pool())).toEqual(before);
    api.manager.failure = null;
    await tendPool(context);
    expect(idsOf(await pool())).toEqual(before);
  });
});

it("a template that does not start is tried again after a while, and leaves nothing behind", async () => {
  for (const { id } of await pool()) await api.manager.remove(id);
  api.manager.startFailure = new AppError("image_missing", "The image is not on this server.");
  await tendPool(context);
  expect(await pool()).toEqual([]);
  api.manager.startFailure = null;
  await tendPool(context);
  expect(await pool()).toEqual([]);
  api.clock.advance(60_000);
  await tendPool(context);
  expect(await pool()).toHaveLength(size);
});
