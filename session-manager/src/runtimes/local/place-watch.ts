import { existsSync, statfsSync } from "node:fs";
import type { Place, PlaceId } from "@remote-claude/protocol";
import type { Logger } from "pino";
import { capAgentLog, readAgentLogTail } from "./agent-log.ts";
import type { PlaceDirectories } from "./directories.ts";
import { readExitCode } from "./launch.ts";
import { guardMemory } from "./memory-guard.ts";
import { killAll } from "./place-processes.ts";
import type { PlaceRecord } from "./place-record.ts";
import { findRecorded, type ProcessInfo, type ProcessTable } from "./process-table.ts";

export interface PlaceWatchOptions {
  readonly table: ProcessTable;
  readonly records: () => readonly PlaceRecord[];
  readonly directories: (placeId: PlaceId) => PlaceDirectories;
  readonly guardsMemory: () => boolean;
  /** The agent of a running or paused place ended, unasked. */
  readonly onEnd: (record: PlaceRecord, exit: Place["exit"]) => void;
  readonly log: Logger;
}

const lookEveryMs = 1000;
const guardEveryLooks = 3;

/** Notices agents that ended: own children at once, adopted ones within a second. */
export class PlaceWatch {
  readonly #options: PlaceWatchOptions;
  /** Places under a change of ours: what happens to them is not news. */
  readonly #changing = new Set<PlaceId>();
  readonly #outOfMemory = new Set<PlaceId>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #stopped = false;

  constructor(options: PlaceWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.look();
      if (++this.#looks % guardEveryLooks === 0) this.#guard();
    }, lookEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopped = true;
  }

  /** Leaves the place alone until the work is done. */
  async without<T>(placeId: PlaceId, work: () => Promise<T>): Promise<T> {
    this.#changing.add(placeId);
    try {
      return await work();
    } finally {
      this.#changing.delete(placeId);
      this.look();
    }
  }

  look(): void {
    if (this.#stopped) return;
    for (const record of this.#watched()) {
      if (findRecorded(this.#options.table, record.process) === null) this.#end(record);
    }
  }

  #watched(): PlaceRecord[] {
    return this.#options
      .records()
      .filter(
        ({ placeId, state }) => !this.#changing.has(placeId) && (state === "running" || state === "paused"),
      );
  }

  #end(record: PlaceRecord): void {
    const { log, onEnd, table } = this.#options;
    const exit = this.exitOf(record);
    log.warn({ placeId: record.placeId, exit }, "place lost");
    onEnd(record, exit);
    // Without a pid namespace the agent's children may have outlived it.
    killAll(table, record).catch((error: unknown) =>
      log.error({ placeId: record.placeId, err: error }, "leftovers"),
    );
  }

  /** What can be told of the end of a place's agent. */
  exitOf(record: PlaceRecord): NonNullable<Place["exit"]> {
    const directories = this.#options.directories(record.placeId);
    const code = readExitCode(directories);
    if (this.#outOfMemory.delete(record.placeId)) return { reason: "out-of-memory", code };
    if (code === null) return { reason: "unknown", code };
    return { reason: isDiskFull(directories) ? "disk-full" : "exited", code };
  }

  #guard(): void {
    const { table } = this.#options;
    let all: readonly ProcessInfo[] | null = null;
    for (const record of this.#watched()) {
      try {
        capAgentLog(this.#options.directories(record.placeId).root);
        if (!this.#options.guardsMemory()) continue;
        // Once for all places.
        all ??= table.all();
        if (!guardMemory(table, record, all)) continue;
        this.#options.log.warn(
          { placeId: record.placeId },
          "a process of the place used too much memory and was killed",
        );
        // If it was the agent, the next look finds the place lost, by this.
        this.#outOfMemory.add(record.placeId);
        setTimeout(() => this.#outOfMemory.delete(record.placeId), 3 * lookEveryMs).unref();
      } catch (error) {
        this.#options.log.error({ placeId: record.placeId, err: error }, "guarding failed");
      }
    }
  }
}

function isDiskFull({ root }: PlaceDirectories): boolean {
  if (!existsSync(root)) return false;
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize < 1024 * 1024 || readAgentLogTail(root).includes("ENOSPC");
}
