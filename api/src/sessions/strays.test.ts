import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { randomPlaceId } from "../lib/secrets.ts";
import { buildSession, buildUser, rowOf, startApi, type TestApi } from "../testing/index.ts";
import { lookForStrays, placeMissing, type StrayMemory } from "./strays.ts";

const hour = 3_600_000;
let api: TestApi;
let memory: StrayMemory;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  memory = { unknown: new Map(), missing: new Map() };
  api.manager.places.clear();
  api.manager.removed.length = 0;
  await api.database.db.place.deleteMany();
});
afterAll(() => api.stop());

const look = () => lookForStrays(api.app.context, memory);
const running = async () => buildSession(api, { owner: await buildUser(api), state: "running" });

it("removes a place that no session has, after a day and not before, and puts it on record", async () => {
  await running();
  const stray = randomPlaceId();
  api.manager.set(stray, "running");
  await look();
  api.clock.advance(24 * hour - 1);
  await look();
  expect(api.manager.removed).toEqual([]);
  expect([...memory.unknown.keys()]).toEqual([stray]);
  api.clock.advance(1);
  await look();
  expect(api.manager.removed).toEqual([stray]);
  const rows = await api.database.db.auditLog.findMany({ where: { target: stray } });
  expect(rows).toMatchObject([{ action: "place.removed", actorKind: "system", result: "success" }]);
  await look();
  expect(memory.unknown.size).toBe(0);
});

it("leaves alone what has a session, waits for one in the pool, or has got its row back", async () => {
  const [session, pooled, late] = [await running(), randomPlaceId(), randomPlaceId()];
  await running();
  await api.database.db.place.create({ data: { id: pooled, template: "default" } });
  for (const placeId of [pooled, late]) api.manager.set(placeId, "running");
  await look();
  api.clock.advance(23 * hour);
  await api.database.db.place.create({ data: { id: late, template: "default" } });
  await look();
  api.clock.advance(25 * hour);
  await look();
  expect(api.manager.removed).toEqual([]);
  expect(api.manager.places.has(session.placeId)).toBe(true);
});

it("removes nothing where most places are unknown: that is another database, not a stray", async () => {
  await running();
  for (let count = 0; count < 2; count++) api.manager.set(randomPlaceId(), "stopped");
  await look();
  api.clock.advance(48 * hour);
  await look();
  expect(api.manager.removed).toEqual([]);
});

it("says of a session at rest that its files are gone, when they have been for a while", async () => {
  const owner = await buildUser(api);
  const [gone, there] = [await buildSession(api, { owner }), await buildSession(api, { owner })];
  api.manager.set(there.placeId, "stopped", { reason: "asked", code: 0 });
  await look();
  expect((await rowOf(api, gone.id)).stateMessage).toBeNull();
  api.clock.advance(hour);
  await look();
  expect((await rowOf(api, gone.id)).stateMessage).toBe(placeMissing);
  expect((await rowOf(api, there.id)).stateMessage).toBeNull();
});

it("removes nothing at all when it is told so", async () => {
  const own = await startApi({ env: { STRAY_GRACE_HOURS: "0" } });
  try {
    await buildSession(own, { owner: await buildUser(own), state: "running" });
    own.manager.set(randomPlaceId(), "running");
    await lookForStrays(own.app.context, memory);
    own.clock.advance(1000 * hour);
    await lookForStrays(own.app.context, memory);
    expect(own.manager.removed).toEqual([]);
  } finally {
    await own.stop();
  }
});
