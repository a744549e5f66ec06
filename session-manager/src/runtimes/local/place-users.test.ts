import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bubblewrapUnavailable, buildSpec, LocalHarness, newPlaceId } from "../../testing/local-harness.ts";
import { claimUserId, ownUserId } from "./isolation.ts";

/** Two places whose names lead to the same user. */
function collidingPlaces(): [string, string] {
  const seen = new Map<number, string>();
  for (;;) {
    const placeId = newPlaceId();
    const other = seen.get(ownUserId(placeId));
    if (other !== undefined && other !== placeId) return [other, placeId];
    seen.set(ownUserId(placeId), placeId);
  }
}

describe("the user of a place", () => {
  it("is another than that of a place whose name leads to the same", () => {
    const [first, second] = collidingPlaces();
    const holders = new Map<string, number>();
    expect(claimUserId(first, holders)).toBe(ownUserId(first));
    expect(claimUserId(second, holders)).not.toBe(ownUserId(first));
    expect(new Set(holders.values()).size).toBe(2);
  });

  it("stays the one the place has, whatever its name leads to", () => {
    const [first, second] = collidingPlaces();
    const holders = new Map([[second, ownUserId(second)]]);
    claimUserId(first, holders);
    expect(claimUserId(second, holders)).toBe(ownUserId(second));
    expect(claimUserId(first, holders)).toBe(holders.get(first));
  });

  it("wraps around at the end of the range", () => {
    const holders = new Map<string, number>();
    for (let userId = 1_999_990; userId < 2_000_000; userId++) holders.set(`other${userId}`, userId);
    holders.set("mine", 1_999_995);
    expect(claimUserId("mine", holders)).toBe(1_500_000);
  });
});

const unavailable = process.getuid?.() === 0 ? await bubblewrapUnavailable() : "only root gives users";

describe.skipIf(unavailable !== null)("places whose names lead to the same user", () => {
  let harness: LocalHarness;
  beforeEach(() => {
    harness = new LocalHarness("bubblewrap");
  });
  afterEach(() => harness.close());

  const workspaceOwner = (placeId: string) => statSync(join(harness.placesDir, placeId, "workspace")).uid;

  it("run as two, also when they start together, and keep theirs when session-manager comes back", async () => {
    const places = collidingPlaces();
    const runtime = await harness.open();
    await Promise.all(places.map((placeId) => runtime.ensure(placeId, buildSpec(placeId))));
    const owners = places.map(workspaceOwner);
    expect(new Set(owners).size).toBe(2);
    for (const [at, placeId] of places.entries())
      expect((await harness.run(placeId, "id -u; touch mine && stat -c %u mine")).output).toBe(
        `${owners[at]}\n${owners[at]}\n`,
      );
    for (const placeId of places) await runtime.stop(placeId);
    const restarted = await harness.open();
    // The other one first: what counts is who has it.
    for (const placeId of places.toReversed()) await restarted.ensure(placeId, buildSpec(placeId));
    expect(places.map(workspaceOwner)).toEqual(owners);
    for (const placeId of places) expect(await harness.run(placeId, "cat mine")).toMatchObject({ code: 0 });
  });
});
