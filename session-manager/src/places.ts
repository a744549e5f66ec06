import { setTimeout as delay } from "node:timers/promises";
import { AppError, type Place, type PlaceId, type PlaceRequest } from "@remote-claude/protocol";
import { Metrics } from "@remote-claude/service/metrics";
import type { Templates } from "@remote-claude/service/templates";
import { type ChangeMeter, measureChanges } from "./metrics.ts";
import { KeyedQueue } from "./queue.ts";
import type { Runtime } from "./runtimes/runtime.ts";
import { resolveSpec } from "./templates.ts";

const maxDrainMs = 2000;

/** What the HTTP interface does, on any runtime: bounds, and one change of a place at a time. */
export class Places {
  readonly #runtime: Runtime;
  readonly #templates: Templates;
  readonly #meter: ChangeMeter;
  readonly #queue = new KeyedQueue();
  #closing = false;

  constructor(runtime: Runtime, templates: Templates, meter: ChangeMeter = measureChanges(new Metrics())) {
    this.#runtime = runtime;
    this.#templates = templates;
    this.#meter = meter;
  }

  ensure(placeId: PlaceId, request: PlaceRequest): Promise<Place> {
    const spec = resolveSpec(this.#templates, placeId, request);
    return this.#change("ensure", placeId, () => this.#runtime.ensure(placeId, spec));
  }

  stop(placeId: PlaceId): Promise<Place> {
    return this.#change("stop", placeId, () => this.#runtime.stop(placeId));
  }

  pause(placeId: PlaceId): Promise<Place> {
    return this.#change("pause", placeId, () => this.#runtime.pause(placeId));
  }

  resume(placeId: PlaceId): Promise<Place> {
    return this.#change("resume", placeId, () => this.#runtime.resume(placeId));
  }

  remove(placeId: PlaceId): Promise<void> {
    return this.#change("remove", placeId, () => this.#runtime.remove(placeId));
  }

  async get(placeId: PlaceId): Promise<Place> {
    const place = await this.#runtime.find(placeId);
    if (place === null) throw new AppError("not_found", `there is no place ${placeId}`);
    return place;
  }

  list(): Promise<Place[]> {
    return this.#runtime.list();
  }

  /**
   * The state of every place, then each change. Subscribed before the snapshot is taken, so that nothing falls
   * between; of a place that changed meanwhile only the newest state follows it.
   */
  async watch(listener: (place: Place) => void): Promise<() => void> {
    const meanwhile = new Map<PlaceId, Place>();
    let snapshotSent = false;
    const unsubscribe = this.#runtime.subscribe((place) => {
      if (snapshotSent) listener(place);
      else meanwhile.set(place.placeId, place);
    });
    try {
      for (const place of await this.#runtime.list()) listener(place);
    } catch (error) {
      unsubscribe();
      throw error;
    }
    for (const place of meanwhile.values()) listener(place);
    snapshotSent = true;
    return unsubscribe;
  }

  /** Refuses further changes, lets those under way end, and closes the runtime. */
  async close(options: { stopPlaces: boolean }): Promise<void> {
    this.#closing = true;
    // A place that is just starting may take long: those who stop places stop that one too.
    await Promise.race([this.#queue.drained(), delay(maxDrainMs, undefined, { ref: false })]);
    await this.#runtime.close(options);
  }

  #change<T>(
    change: Parameters<ChangeMeter["measure"]>[0],
    placeId: PlaceId,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.#queue.run(placeId, () => {
      if (this.#closing) throw new AppError("unavailable", "session-manager is shutting down");
      return this.#meter.measure(change, work);
    });
  }
}
