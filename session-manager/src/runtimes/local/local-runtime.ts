import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { AppError, type ManagerCapabilities, type Place, PlaceId } from "@remote-claude/protocol";
import type { Logger } from "pino";
import type { PlaceListener, PlaceSpec, Runtime } from "../runtime.ts";
import { readAgentLogTail } from "./agent-log.ts";
import { connectToAgent, untilReady } from "./agent-socket.ts";
import type { SessionPrograms } from "./bubblewrap.ts";
import { localCapabilities } from "./capabilities.ts";
import {
  directoriesOf,
  holdsCredentials,
  type PlaceDirectories,
  prepareDirectories,
  removeTree,
  writeAgentConfig,
} from "./directories.ts";
import { endAgent } from "./end-agent.ts";
import { type Fence, type FenceOptions, findFence } from "./fence.ts";
import { claimUserId, findIsolation, type LocalIsolation, triesPrefix } from "./isolation.ts";
import { launchAgent } from "./launch.ts";
import { killAll, signalAll, statsOf } from "./place-processes.ts";
import { type PlaceRecord, presentRecord, readRecord, recordOfUnknown, writeRecord } from "./place-record.ts";
import { PlaceWatch } from "./place-watch.ts";
import { findRecorded, identify, type ProcessInfo, type ProcessTable } from "./process-table.ts";
import { ProcfsTable } from "./procfs-table.ts";
import { PsTable } from "./ps-table.ts";

export interface LocalRuntimeOptions {
  readonly runDir: string;
  readonly placesDir: string;
  readonly programs: SessionPrograms;
  /** The directories in which bwrap and systemd-run are looked for; also PATH of sessions without a sandbox. */
  readonly path: readonly string[];
  /** bubblewrap: `open` fails without it. none: do not even try. */
  readonly isolation: "auto" | "bubblewrap" | "none";
  /** The variables by which systemd-run finds the person's service manager. */
  readonly fenceEnvironment: FenceOptions["environment"];
  readonly readyTimeoutMs: number;
  readonly stopGraceMs: number;
  /** End the agents an earlier run left, instead of adopting them. */
  readonly endLeftovers: boolean;
  readonly logLevel: string;
  readonly log: Logger;
}

const isActive = ({ state }: PlaceRecord) => state === "running" || state === "paused";

/**
 * Places as processes of this machine, in bubblewrap where that works. Its memory is `<PLACES_DIR>/<place>/place.json`;
 * the agents are detached, so that they go on while session-manager restarts.
 */
export class LocalRuntime implements Runtime {
  readonly #options: LocalRuntimeOptions;
  readonly #table: ProcessTable = process.platform === "linux" ? new ProcfsTable() : new PsTable();
  readonly #records = new Map<PlaceId, PlaceRecord>();
  /** Which user belongs to which place, from its first start until it is removed. */
  readonly #users = new Map<PlaceId, number>();
  readonly #listeners = new Set<PlaceListener>();
  readonly #watch: PlaceWatch;
  #isolation: LocalIsolation = { kind: "none", message: "not opened" };
  #fence: Fence | null = null;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
    this.#watch = new PlaceWatch({
      table: this.#table,
      records: () => [...this.#records.values()],
      directories: (placeId) => this.#directories(placeId),
      guardsMemory: () => this.#fence === null,
      onEnd: (record, exit) => this.#save({ ...record, state: "lost", exit }),
      log: options.log,
    });
  }

  capabilities(): ManagerCapabilities {
    return localCapabilities(this.#isolation, this.#fence);
  }

  async open(): Promise<void> {
    const { runDir, placesDir, programs, path, isolation, fenceEnvironment } = this.#options;
    for (const file of [join(programs.agentDir, "agent.js"), programs.claudeBinary, programs.nodeBinary]) {
      if (!existsSync(file)) throw new Error(`${file} is needed to start sessions, and does not exist`);
    }
    // Whoever made it before knows who may share it; mkdir itself heeds the umask.
    if ((await mkdir(runDir, { recursive: true })) !== undefined) await chmod(runDir, 0o2770);
    await mkdir(placesDir, { recursive: true, mode: 0o700 });
    this.#isolation =
      isolation === "none"
        ? { kind: "none", message: "Sessions are not isolated: the configuration says so (LOCAL_ISOLATION)." }
        : await findIsolation({ path, programs, scratchDir: placesDir });
    if (isolation === "bubblewrap" && this.#isolation.kind === "none")
      throw new Error(this.#isolation.message);
    this.#fence = findFence({ path, environment: fenceEnvironment });
    for (const name of readdirSync(placesDir)) {
      if (PlaceId.safeParse(name).success) await this.#recover(name);
      else if (name.startsWith(triesPrefix)) await removeTree(join(placesDir, name));
    }
    this.#watch.start();
  }

  /** Takes over what an earlier session-manager left. */
  async #recover(placeId: PlaceId): Promise<void> {
    const directories = this.#directories(placeId);
    const record = readRecord(directories.root) ?? recordOfUnknown(placeId);
    this.#records.set(placeId, record);
    if (record.ownerId !== null) this.#users.set(placeId, record.ownerId);
    const isAlive = findRecorded(this.#table, record.process) !== null;
    if (isActive(record) && isAlive && !this.#options.endLeftovers) {
      this.#options.log.info({ placeId, pid: record.process?.pid }, "place adopted");
      return;
    }
    await killAll(this.#table, record);
    if (isActive(record) && isAlive) {
      this.#save({ ...record, state: "stopped", exit: { reason: "asked", code: null } });
      this.#options.log.info({ placeId }, "leftover place ended");
    } else if (isActive(record) || record.state === "starting") {
      this.#save({ ...record, state: "lost", exit: this.#watch.exitOf(record) });
      this.#options.log.warn({ placeId }, "place was lost while session-manager was away");
    }
  }

  async ensure(placeId: PlaceId, spec: PlaceSpec): Promise<Place> {
    return this.#watch.without(placeId, async () => {
      const record = this.#records.get(placeId);
      if (record !== undefined && isActive(record) && this.#isAlive(record)) {
        if (await holdsCredentials(this.#directories(placeId), spec.agent)) {
          const claimed = record.warm && !spec.warm ? this.#save({ ...record, warm: false }) : record;
          return claimed.state === "paused" ? this.#resume(claimed) : presentRecord(claimed, null);
        }
        await endAgent(this.#table, record, this.#options.stopGraceMs);
      } else if (record !== undefined) {
        await killAll(this.#table, record);
      }
      return this.#start(placeId, spec, record?.ownerId ?? null);
    });
  }

  async #start(placeId: PlaceId, spec: PlaceSpec, ownerBefore: number | null): Promise<Place> {
    const directories = this.#directories(placeId);
    const isolation = this.#isolation;
    const hasOwnUser = isolation.kind === "bubblewrap" && isolation.identity === "own-user";
    const ownerId = hasOwnUser ? claimUserId(placeId, this.#users) : null;
    const record = this.#save({
      placeId,
      template: spec.template.name,
      state: "starting",
      isolation: isolation.kind,
      limits: spec.limits,
      process: null,
      ownerId: ownerBefore,
      exit: null,
      startedAt: null,
      warm: spec.warm,
    });
    try {
      await prepareDirectories(directories, { now: ownerId, before: ownerBefore });
      await writeAgentConfig(directories, spec.agent);
      const started = await this.#startAgent({ ...record, ownerId }, directories);
      return presentRecord(this.#save({ ...started, state: "running" }), null);
    } catch (error) {
      const failed = this.#get(placeId);
      await killAll(this.#table, failed);
      const exit = this.#watch.exitOf(failed);
      const diskFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
      this.#save({ ...failed, state: "lost", exit: diskFull ? { ...exit, reason: "disk-full" } : exit });
      throw diskFull ? new AppError("unavailable", "The server's disk is full.", { cause: error }) : error;
    }
  }

  async #startAgent(record: PlaceRecord, directories: PlaceDirectories): Promise<PlaceRecord> {
    const { programs, logLevel, path, log, readyTimeoutMs } = this.#options;
    const { placeId, limits, ownerId: userId } = record;
    const isolation = this.#isolation;
    const fence = this.#fence;
    const launch = { placeId, directories, programs, limits, isolation, userId, fence, logLevel, path };
    const child = launchAgent(launch);
    child.on("error", (error) => log.error({ placeId, err: error }, "place could not be started"));
    child.on("exit", () => this.#watch.look());
    const process = identify(this.#table, child.pid);
    const started = this.#save({ ...record, process, startedAt: new Date().toISOString() });
    const isAlive = () => findRecorded(this.#table, process) !== null;
    await untilReady({
      path: directories.agentSocket,
      isAlive,
      timeoutMs: readyTimeoutMs,
      lastWords: () => readAgentLogTail(directories.root),
    });
    return started;
  }

  async stop(placeId: PlaceId): Promise<Place> {
    return this.#watch.without(placeId, async () => {
      const record = this.#get(placeId);
      if (!this.#isAlive(record)) {
        await killAll(this.#table, record);
        const stopped = isActive(record)
          ? { ...record, state: "lost" as const, exit: this.#watch.exitOf(record) }
          : record;
        return presentRecord(this.#save(stopped), null);
      }
      await endAgent(this.#table, record, this.#options.stopGraceMs);
      return presentRecord(
        this.#save({ ...record, state: "stopped", exit: { reason: "asked", code: null } }),
        null,
      );
    });
  }

  async pause(placeId: PlaceId): Promise<Place> {
    return this.#watch.without(placeId, async () => {
      const record = this.#getAlive(placeId);
      // Noted first: a crash in between leaves a place that is thought paused, and resuming that one does no harm.
      const paused = this.#save({ ...record, state: "paused" });
      signalAll(this.#table, record, "SIGSTOP");
      return presentRecord(paused, null);
    });
  }

  async resume(placeId: PlaceId): Promise<Place> {
    return this.#watch.without(placeId, async () => this.#resume(this.#getAlive(placeId)));
  }

  #resume(record: PlaceRecord): Place {
    signalAll(this.#table, record, "SIGCONT");
    return presentRecord(this.#save({ ...record, state: "running" }), null);
  }

  async remove(placeId: PlaceId): Promise<void> {
    await this.#watch.without(placeId, async () => {
      const directories = this.#directories(placeId);
      const record = this.#records.get(placeId) ?? readRecord(directories.root);
      if (record != null) {
        await killAll(this.#table, record);
        if (isActive(record))
          this.#save({ ...record, state: "stopped", exit: { reason: "asked", code: null } });
      }
      await removeTree(directories.run);
      await removeTree(directories.root);
      this.#records.delete(placeId);
      this.#users.delete(placeId);
    });
  }

  async find(placeId: PlaceId): Promise<Place | null> {
    const record = this.#records.get(placeId);
    return record === undefined ? null : this.#present(record);
  }

  async list(): Promise<Place[]> {
    const all = this.#table.all();
    return [...this.#records.values()].map((record) => this.#present(record, all));
  }

  async connect(placeId: PlaceId): Promise<Duplex> {
    return connectToAgent(this.#directories(placeId).agentSocket);
  }

  subscribe(listener: PlaceListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close({ stopPlaces }: { stopPlaces: boolean }): Promise<void> {
    this.#watch.stop();
    if (!stopPlaces) return;
    const running = [...this.#records.values()].filter(
      (record) => isActive(record) || record.state === "starting",
    );
    await Promise.all(running.map(({ placeId, warm }) => (warm ? this.remove(placeId) : this.stop(placeId))));
  }

  #present(record: PlaceRecord, all?: ProcessInfo[]): Place {
    const stats = isActive(record) ? statsOf(this.#table, record, all) : null;
    return presentRecord(record, stats !== null && stats.processes > 0 ? stats : null);
  }

  #save(record: PlaceRecord): PlaceRecord {
    const before = this.#records.get(record.placeId);
    this.#records.set(record.placeId, record);
    try {
      writeRecord(this.#directories(record.placeId).root, record);
    } catch (error) {
      // The disk may be full. Here the state is known; a later run finds processes by their environment.
      this.#options.log.error({ placeId: record.placeId, err: error }, "record not written");
    }
    if (
      before === undefined ||
      JSON.stringify(presentRecord(before, null)) !== JSON.stringify(presentRecord(record, null))
    ) {
      for (const listener of this.#listeners) listener(presentRecord(record, null));
    }
    return record;
  }

  #directories(placeId: PlaceId): PlaceDirectories {
    return directoriesOf(this.#options.placesDir, this.#options.runDir, placeId);
  }

  #get(placeId: PlaceId): PlaceRecord {
    const record = this.#records.get(placeId);
    if (record === undefined) throw new AppError("not_found", `there is no place ${placeId}`);
    return record;
  }

  #isAlive(record: PlaceRecord): boolean {
    return record.state !== "stopped" && findRecorded(this.#table, record.process) !== null;
  }

  #getAlive(placeId: PlaceId): PlaceRecord {
    const record = this.#get(placeId);
    if (isActive(record) && this.#isAlive(record)) return record;
    throw new AppError("conflict", `place ${placeId} is ${record.state}, not running`);
  }
}
