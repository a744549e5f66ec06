import type { ManagerCapabilities, Place, PlaceRequest } from "@remote-claude/protocol";

export interface PlaceWatcher {
  /** A place changed, or is told of when the stream begins. */
  onPlace(place: Place): void;
  /** The stream begins, for the first time or again: what happened before it may have been missed. */
  onConnect(): void;
}

/**
 * session-manager, as the api sees it. Every call throws AppError: what the manager refused, or `unavailable`
 * when it cannot be reached. `ensure`, `stop` and `remove` may be repeated.
 */
export interface Manager {
  /** Makes the place and starts it, if that is not so already. */
  ensure(placeId: string, request: PlaceRequest, signal?: AbortSignal): Promise<Place>;
  /** Ends what runs there; workspace and home stay. A place that is not there counts as stopped. */
  stop(placeId: string): Promise<void>;
  /** Freezes all that runs there; its memory stays. `conflict` unless it runs, or is paused already. */
  pause(placeId: string): Promise<void>;
  /** Undoes `pause`. `conflict` unless it is paused, or runs already; `not_found` when there is no such place. */
  resume(placeId: string): Promise<void>;
  /** Ends what runs there and removes all of it. A place that is not there counts as removed. */
  remove(placeId: string): Promise<void>;
  list(): Promise<Place[]>;
  /** null when the manager knows no such place. */
  find(placeId: string): Promise<Place | null>;
  capabilities(): Promise<ManagerCapabilities>;
  /** What it counts, as Prometheus reads it. */
  metrics(): Promise<string>;
  /** Resolves when the manager answers. */
  check(): Promise<void>;
  /** Follows what happens to places, reconnecting until the returned function is called. */
  watch(watcher: PlaceWatcher): () => void;
}
