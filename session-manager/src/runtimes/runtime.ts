import type { Duplex } from "node:stream";
import type {
  AgentConfig,
  ManagerCapabilities,
  Place,
  PlaceId,
  PlaceLimits,
  Template,
} from "@remote-claude/protocol";

/** Limits after the template's defaults and bounds: every one has a value. */
export type ResolvedLimits = { readonly [Name in keyof PlaceLimits]-?: number };

/** What a place is made from. Made by `resolveSpec` alone, so that a runtime need not check it again. */
export interface PlaceSpec {
  readonly template: Template;
  readonly limits: ResolvedLimits;
  /** Written to `in/agent.json` before the agent starts. */
  readonly agent: AgentConfig;
  /** Made ahead of need: nobody's, until it is asked for without this. */
  readonly warm: boolean;
}

/** Hears of every change of a place's state. `place.stats` is null here. Must not throw. */
export type PlaceListener = (place: Place) => void;

/**
 * Something that runs places: bubblewrap processes, containers, pods. Its comments are the contract, and
 * runtime.contract.test.ts is run against every implementation.
 *
 * - The caller never overlaps two changing calls (ensure, stop, pause, resume, remove) for one place; calls for
 *   different places overlap freely, and the reading calls overlap everything.
 * - A runtime's memory is outside the process (records, labels): after a crash, `open` finds the same places, and
 *   the agents in them have not noticed.
 * - Refusals are AppErrors with a sentence that is safe to show.
 */
export interface Runtime {
  /** How places that are started now are walled off. Constant after `open`. */
  capabilities(): ManagerCapabilities;

  /**
   * Before anything else: finds the places there are and starts watching them. One whose agent ended while nobody
   * watched is `lost`; a start that was cut short has been cleaned up and is `lost`.
   */
  open(): Promise<void>;

  /**
   * Makes the place and starts its agent, whatever state it was in, and answers when the agent takes connections
   * (`running`). A running place is left alone, limits included, unless its agent holds another key or secret than
   * `spec.agent`: that one is started afresh, for nobody could speak to it. A warm one is claimed if `spec` is not
   * warm: it goes on as it is and is somebody's from then on, for later runtimes too. A paused one is resumed. If the agent
   * does not come up in time: nothing of it is left running, workspace and home stay, the place is `lost`, and
   * `unavailable` (it ended) or `timeout` is thrown with what it said last.
   */
  ensure(placeId: PlaceId, spec: PlaceSpec): Promise<Place>;

  /**
   * Asks the agent to end, then ends every process of the place. Workspace and home stay. `stopped` with reason
   * `asked`; what had stopped or got lost before keeps its own reason. `not_found` if there is no such place.
   */
  stop(placeId: PlaceId): Promise<Place>;

  /** Freezes all processes: memory stays, CPU is free. `conflict` unless running or paused already. */
  pause(placeId: PlaceId): Promise<Place>;

  /** Undoes `pause`. `conflict` unless paused or running. */
  resume(placeId: PlaceId): Promise<Place>;

  /** Ends the place and deletes everything that was its own, on disk too. Fine if there is none. */
  remove(placeId: PlaceId): Promise<void>;

  /** With stats if it runs, and whether it is outdated if it is warm; null if there is no such place. */
  find(placeId: PlaceId): Promise<Place | null>;

  /** All places, those that stopped or got lost included, with stats of those that run. */
  list(): Promise<Place[]>;

  /**
   * A fresh connection to the place's agent, to speak WebSocket on. `agent_unreachable` if none can be made. Nothing
   * above the runtime knows a path or an address.
   */
  connect(placeId: PlaceId): Promise<Duplex>;

  /** Calls the listener after each change from now on, in order; returns how to stop that. */
  subscribe(listener: PlaceListener): () => void;

  /** Stops watching. Places go on, unless they are to be stopped first; warm ones, in which nobody was, are removed then. */
  close(options: { stopPlaces: boolean }): Promise<void>;
}
