import { AppError, defaultTemplate, type PlaceRequest } from "@remote-claude/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { Places } from "./places.ts";
import { FakeRuntime, FakeWorld } from "./runtimes/fake/fake-runtime.ts";
import type { PlaceSpec } from "./runtimes/runtime.ts";
import { newPlaceId, newSecret } from "./testing/local-harness.ts";

/** A fake that notices when two changes of one place overlap. */
class WatchfulRuntime extends FakeRuntime {
  overlapped = false;
  readonly #busy = new Set<string>();

  override async ensure(placeId: string, spec: PlaceSpec) {
    return this.#alone(placeId, () => super.ensure(placeId, spec));
  }

  override async remove(placeId: string) {
    return this.#alone(placeId, () => super.remove(placeId));
  }

  async #alone<T>(placeId: string, work: () => Promise<T>): Promise<T> {
    this.overlapped ||= this.#busy.has(placeId);
    this.#busy.add(placeId);
    try {
      return await work();
    } finally {
      this.#busy.delete(placeId);
    }
  }
}

describe("places", () => {
  let world: FakeWorld;
  let runtime: WatchfulRuntime;
  let places: Places;
  const placeId = newPlaceId();
  const request: PlaceRequest = { template: "default", apiPublicKey: "key", placeSecret: newSecret() };

  beforeEach(() => {
    world = new FakeWorld();
    runtime = new WatchfulRuntime({ world, readyTimeoutMs: 40 });
    places = new Places(runtime, new Map([["default", defaultTemplate]]));
  });

  it("change one at a time, in the order of the calls", async () => {
    world.behaviours.set(placeId, "slow");
    const outcomes = await Promise.all([
      places.ensure(placeId, request),
      places.ensure(placeId, request),
      places.remove(placeId),
      places.ensure(placeId, request),
    ]);
    expect(runtime.overlapped).toBe(false);
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect((await places.get(placeId)).state).toBe("running");
  });

  it("of different names start side by side", async () => {
    const ids = [newPlaceId(), newPlaceId()];
    for (const id of ids) world.behaviours.set(id, "slow");
    const started: string[] = [];
    world.listeners.add(({ state }) => started.push(state));
    await Promise.all(ids.map((id) => places.ensure(id, request)));
    expect(started).toEqual(["starting", "starting", "running", "running"]);
  });

  it("can be started after a start failed", async () => {
    world.behaviours.set(placeId, "failing");
    await expect(places.ensure(placeId, request)).rejects.toMatchObject({ code: "unavailable" });
    world.behaviours.delete(placeId);
    expect((await places.ensure(placeId, request)).state).toBe("running");
  });

  it("show whoever watches each state once, even if it changes during the snapshot", async () => {
    await places.ensure(placeId, request);
    const list = runtime.list.bind(runtime);
    runtime.list = async () => {
      const before = await list();
      await places.pause(placeId);
      await places.stop(placeId);
      return before;
    };
    const states: string[] = [];
    const unwatch = await places.watch(({ state }) => states.push(state));
    expect(states).toEqual(["running", "stopped"]);
    await places.ensure(placeId, request);
    expect(states).toEqual(["running", "stopped", "starting", "running"]);
    unwatch();
    await places.stop(placeId);
    expect(states).toHaveLength(4);
  });

  it("refuse changes once session-manager ends, and stop if they are to", async () => {
    await places.ensure(placeId, request);
    await places.close({ stopPlaces: true });
    await expect(places.ensure(placeId, request)).rejects.toBeInstanceOf(AppError);
    expect((await places.get(placeId)).state).toBe("stopped");
  });
});
