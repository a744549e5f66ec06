import { type Duplex, duplexPair } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { AppError, type ManagerCapabilities, type Place, type PlaceId } from "@remote-claude/protocol";
import type { PlaceListener, PlaceSpec, Runtime } from "../runtime.ts";

/** How a place's agent starts. */
export type FakeBehaviour = "normal" | "slow" | "never-ready" | "failing";

interface FakePlace {
  place: Place;
  spec: PlaceSpec;
}

/** What outlives a runtime: its places. A second runtime on the same world is a restarted session-manager. */
export class FakeWorld {
  readonly places = new Map<PlaceId, FakePlace>();
  readonly behaviours = new Map<PlaceId, FakeBehaviour>();
  readonly listeners = new Set<PlaceListener>();

  /** The agent ends, unasked. */
  end(placeId: PlaceId, code: number): void {
    const found = this.places.get(placeId);
    if (found === undefined) throw new Error(`no place ${placeId}`);
    this.change(found, { state: "lost", exit: { reason: "exited", code } });
  }

  change(found: FakePlace, change: Partial<Place>): Place {
    const before = found.place;
    found.place = { ...before, ...change };
    this.places.set(before.placeId, found);
    for (const listener of this.listeners) listener(found.place);
    return found.place;
  }
}

export interface FakeRuntimeOptions {
  readonly world: FakeWorld;
  readonly readyTimeoutMs: number;
}

/** Places that are nothing but records, for tests of what stands above a runtime. */
export class FakeRuntime implements Runtime {
  readonly #world: FakeWorld;
  readonly #readyTimeoutMs: number;

  constructor({ world, readyTimeoutMs }: FakeRuntimeOptions) {
    this.#world = world;
    this.#readyTimeoutMs = readyTimeoutMs;
  }

  capabilities(): ManagerCapabilities {
    return {
      runtime: "fake",
      isolation: "none",
      isolationMessage: "Nothing runs at all.",
      limits: { memory: "none", cpus: "none", pids: "none", disk: "none" },
    };
  }

  async open(): Promise<void> {
    for (const found of this.#world.places.values()) {
      if (found.place.state !== "starting") continue;
      this.#world.change(found, { state: "lost", exit: { reason: "unknown", code: null } });
    }
  }

  async ensure(placeId: PlaceId, spec: PlaceSpec): Promise<Place> {
    const found = this.#world.places.get(placeId);
    if (found !== undefined && (found.place.state === "running" || found.place.state === "paused")) {
      const { agent } = found.spec;
      const holdsKeys =
        agent.apiPublicKey === spec.agent.apiPublicKey && agent.placeSecret === spec.agent.placeSecret;
      if (holdsKeys && found.place.warm && !spec.warm) this.#world.change(found, { warm: false });
      if (holdsKeys) return found.place.state === "paused" ? this.resume(placeId) : found.place;
    }
    return this.#start({ spec, place: { ...this.#fresh(placeId, spec) } });
  }

  #fresh(placeId: PlaceId, spec: PlaceSpec): Place {
    return {
      placeId,
      template: spec.template.name,
      runtime: "fake",
      isolation: "none",
      state: "starting",
      exit: null,
      startedAt: new Date().toISOString(),
      stats: null,
      warm: spec.warm,
    };
  }

  async #start(started: FakePlace): Promise<Place> {
    const { placeId } = started.place;
    this.#world.change(started, {});
    const behaviour = this.#world.behaviours.get(placeId) ?? "normal";
    if (behaviour === "failing") {
      this.#world.change(started, { state: "lost", exit: { reason: "exited", code: 7 } });
      throw new AppError("unavailable", "The agent ended at once. It said last: I cannot work like this");
    }
    if (behaviour === "never-ready") {
      await delay(this.#readyTimeoutMs);
      this.#world.change(started, { state: "lost", exit: { reason: "unknown", code: null } });
      throw new AppError("timeout", "The agent was not ready in time.");
    }
    if (behaviour === "slow") await delay(this.#readyTimeoutMs / 2);
    return this.#world.change(started, { state: "running" });
  }

  async stop(placeId: PlaceId): Promise<Place> {
    const found = this.#get(placeId);
    if (found.place.state === "stopped" || found.place.state === "lost") return found.place;
    return this.#world.change(found, { state: "stopped", exit: { reason: "asked", code: null } });
  }

  async pause(placeId: PlaceId): Promise<Place> {
    return this.#world.change(this.#getAlive(placeId), { state: "paused" });
  }

  async resume(placeId: PlaceId): Promise<Place> {
    return this.#world.change(this.#getAlive(placeId), { state: "running" });
  }

  async remove(placeId: PlaceId): Promise<void> {
    if (!this.#world.places.has(placeId)) return;
    await this.stop(placeId);
    this.#world.places.delete(placeId);
  }

  async find(placeId: PlaceId): Promise<Place | null> {
    const found = this.#world.places.get(placeId);
    return found === undefined ? null : withStats(found.place);
  }

  async list(): Promise<Place[]> {
    return [...this.#world.places.values()].map(({ place }) => withStats(place));
  }

  async connect(placeId: PlaceId): Promise<Duplex> {
    if (this.#world.places.get(placeId)?.place.state !== "running") {
      throw new AppError("agent_unreachable", "the session's agent does not answer");
    }
    return duplexPair()[0];
  }

  subscribe(listener: PlaceListener): () => void {
    this.#world.listeners.add(listener);
    return () => this.#world.listeners.delete(listener);
  }

  async close({ stopPlaces }: { stopPlaces: boolean }): Promise<void> {
    if (!stopPlaces) return;
    for (const [placeId, { place }] of this.#world.places) {
      await (place.warm ? this.remove(placeId) : this.stop(placeId));
    }
  }

  #get(placeId: PlaceId): FakePlace {
    const found = this.#world.places.get(placeId);
    if (found === undefined) throw new AppError("not_found", `there is no place ${placeId}`);
    return found;
  }

  #getAlive(placeId: PlaceId): FakePlace {
    const found = this.#get(placeId);
    if (found.place.state === "running" || found.place.state === "paused") return found;
    throw new AppError("conflict", `place ${placeId} is ${found.place.state}, not running`);
  }
}

function withStats(place: Place): Place {
  const runs = place.state === "running" || place.state === "paused";
  return { ...place, stats: runs ? { memoryBytes: 1, cpuSeconds: 0, processes: 1 } : null };
}
