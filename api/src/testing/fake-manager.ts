import { AppError, type ManagerCapabilities, type Place, type PlaceRequest } from "@remote-claude/protocol";
import type { Manager, PlaceWatcher } from "../manager/index.ts";

/** A session-manager in memory, whose moods a test decides. */
export class FakeManager implements Manager {
  readonly places = new Map<string, Place>();
  readonly requests = new Map<string, PlaceRequest>();
  readonly removed: string[] = [];
  /** Thrown by every call while set. */
  failure: AppError | null = null;
  /** Thrown by `ensure` alone while set. */
  startFailure: AppError | null = null;
  /** `ensure` waits for it. */
  startGate: Promise<void> = Promise.resolve();
  /** `stop` waits for it. */
  stopGate: Promise<void> = Promise.resolve();
  readonly #watchers = new Set<PlaceWatcher>();

  /** Back to its best mood. */
  reset(): void {
    this.failure = null;
    this.startFailure = null;
    this.startGate = Promise.resolve();
    this.stopGate = Promise.resolve();
  }

  async ensure(placeId: string, request: PlaceRequest, signal?: AbortSignal): Promise<Place> {
    await this.startGate;
    signal?.throwIfAborted();
    if (this.failure ?? this.startFailure) throw this.failure ?? this.startFailure;
    this.requests.set(placeId, request);
    return this.set(placeId, "running");
  }

  async stop(placeId: string): Promise<void> {
    await this.stopGate;
    if (this.failure) throw this.failure;
    if (this.places.has(placeId)) this.set(placeId, "stopped", { reason: "asked", code: 0 });
  }

  async pause(placeId: string): Promise<void> {
    if (this.failure) throw this.failure;
    this.#getAlive(placeId);
    this.set(placeId, "paused");
  }

  async resume(placeId: string): Promise<void> {
    await this.startGate;
    if (this.failure ?? this.startFailure) throw this.failure ?? this.startFailure;
    this.#getAlive(placeId);
    this.set(placeId, "running");
  }

  #getAlive(placeId: string): void {
    const place = this.places.get(placeId);
    if (place === undefined) throw new AppError("not_found", "There is no such place.");
    if (place.state === "running" || place.state === "paused") return;
    throw new AppError("conflict", `The place is ${place.state}.`);
  }

  async remove(placeId: string): Promise<void> {
    if (this.failure) throw this.failure;
    this.places.delete(placeId);
    this.removed.push(placeId);
  }

  async list(): Promise<Place[]> {
    if (this.failure) throw this.failure;
    return [...this.places.values()];
  }

  async find(placeId: string): Promise<Place | null> {
    if (this.failure) throw this.failure;
    return this.places.get(placeId) ?? null;
  }

  async metrics(): Promise<string> {
    if (this.failure) throw this.failure;
    return `# HELP remote_claude_places Places.\n# TYPE remote_claude_places gauge\nremote_claude_places ${this.places.size}\n`;
  }

  async capabilities(): Promise<ManagerCapabilities> {
    if (this.failure) throw this.failure;
    const limits = { memory: "none", cpus: "none", pids: "none", disk: "none" } as const;
    return { runtime: "fake", isolation: "bubblewrap", isolationMessage: null, limits };
  }

  async check(): Promise<void> {
    if (this.failure) throw this.failure;
  }

  watch(watcher: PlaceWatcher): () => void {
    this.#watchers.add(watcher);
    queueMicrotask(() => watcher.onConnect());
    return () => this.#watchers.delete(watcher);
  }

  /** The stream of events breaks and begins again. */
  reconnect(): void {
    for (const watcher of this.#watchers) watcher.onConnect();
  }

  /** Changes a place and tells those who watch. */
  set(placeId: string, state: Place["state"], exit: Place["exit"] = null): Place {
    const place: Place = {
      placeId,
      template: "default",
      runtime: "fake",
      isolation: "bubblewrap",
      state,
      exit,
      startedAt: null,
      stats: null,
    };
    this.places.set(placeId, place);
    for (const watcher of this.#watchers) watcher.onPlace(place);
    return place;
  }
}
