import { chmod, mkdir } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { AppError, type ManagerCapabilities, type Place, type PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import type { Logger } from "pino";
import { connectToAgent, untilReady } from "../local/agent-socket.ts";
import { exists, holdsCredentials, writeAgentConfig } from "../local/directories.ts";
import type { PlaceListener, PlaceSpec, Runtime } from "../runtime.ts";
import { ChosenDisks } from "./choose-disks.ts";
import { asMountSettings, containerOptions, installationOf } from "./container-options.ts";
import { Containers, exitOf, startedAtOf } from "./containers.ts";
import { listDisks } from "./disks.ts";
import { engineCall, explain, openEngine } from "./engine.ts";
import { EngineEvents } from "./engine-events.ts";
import { Helper } from "./helper.ts";
import { findHostPath } from "./host-path.ts";
import { readLogTail } from "./log-tail.ts";
import {
  closeOut,
  openOut,
  prepareRunDirectory,
  type RunDirectory,
  removeRunDirectory,
  runDirectoryOf,
} from "./run-directory.ts";

export interface DockerRuntimeOptions {
  /** The engine's socket. */
  readonly socketPath: string;
  readonly runDir: string;
  /** Our own image: what works on disks runs in it. */
  readonly helperImage: string;
  /** The volume for sessions' disks, by its name; otherwise one is made. */
  readonly disksVolume?: string | undefined;
  readonly readyTimeoutMs: number;
  readonly stopGraceMs: number;
  /** End the containers an earlier run left, instead of adopting them. */
  readonly endLeftovers: boolean;
  readonly logLevel: string;
  readonly log: Logger;
}

/** What there is once the engine has been reached. */
interface Opened {
  readonly docker: Docker;
  readonly installation: string;
  readonly hostRunDir: string;
  readonly containers: Containers;
  readonly helper: Helper;
  readonly disks: ChosenDisks;
  readonly events: EngineEvents;
}

const isActive = ({ state }: Place) => state === "running" || state === "paused";
const asked = { reason: "asked", code: null } as const;

/**
 * Places as containers of a Docker Engine. Its memory is the engine's: a place is a labelled disk; it is stopped while
 * no container goes with it, and lost when that one has ended by itself.
 */
export class DockerRuntime implements Runtime {
  readonly #options: DockerRuntimeOptions;
  /** As the engine has it; kept so that a look costs nothing, and the engine need not answer for it. */
  readonly #places = new Map<PlaceId, Place>();
  readonly #listeners = new Set<PlaceListener>();
  /** Places under a change of ours: what happens to them is not news. */
  readonly #changing = new Set<PlaceId>();
  #opened: Opened | null = null;

  constructor(options: DockerRuntimeOptions) {
    this.#options = options;
  }

  capabilities(): ManagerCapabilities {
    const { disks } = this.#engine;
    return {
      runtime: "docker",
      isolation: "container",
      isolationMessage: disks.message,
      limits: { memory: "enforced", cpus: "enforced", pids: "enforced", disk: disks.enforcement },
    };
  }

  get #engine(): Opened {
    if (this.#opened === null) throw new Error("the runtime is not open");
    return this.#opened;
  }

  /** By which everything of ours in the engine is labelled. */
  get installation(): string {
    return this.#engine.installation;
  }

  async open(): Promise<void> {
    const { log, runDir } = this.#options;
    // Whoever made it before knows who may share it; mkdir itself heeds the umask.
    if ((await mkdir(runDir, { recursive: true })) !== undefined) await chmod(runDir, 0o2770);
    this.#opened = await engineCall(() => this.#reach());
    const { containers, disks, docker, events, helper, installation } = this.#opened;
    await helper.removeLeftovers();
    try {
      await disks.choose();
      await disks.recover();
    } catch (error) {
      // Tried again when a place is made; until then there is nothing to say but this.
      log.error({ reason: (error as Error).message }, "disks of sessions cannot be made yet");
    }
    await engineCall(() => events.open());
    for (const { placeId, template } of await listDisks(docker, installation)) {
      this.#places.set(placeId, this.#describe(placeId, template, { state: "stopped", exit: asked }));
    }
    for (const placeId of await containers.list()) await this.#recover(placeId);
  }

  async #reach(): Promise<Opened> {
    const { socketPath, runDir, helperImage, log } = this.#options;
    const docker = openEngine(socketPath);
    const { ApiVersion: apiVersion } = await docker.version();
    const hostRunDir = await findHostPath(docker, runDir);
    const installation = installationOf(hostRunDir);
    const containers = new Containers(docker, installation);
    const helper = new Helper({ docker, image: helperImage, installation });
    const store = this.#options.disksVolume ?? `remote-claude-${installation}-disks`;
    const disks = new ChosenDisks({ docker, image: helperImage, installation, store, apiVersion, log });
    const events = new EngineEvents({
      docker,
      installation,
      onPlace: (placeId) => this.#lookAt(placeId),
      onConnect: () => {
        for (const placeId of this.#places.keys()) this.#lookAt(placeId);
      },
      log,
    });
    return { docker, installation, hostRunDir, containers, helper, disks, events };
  }

  /** Takes over what an earlier session-manager left. */
  async #recover(placeId: PlaceId): Promise<void> {
    const { containers } = this.#engine;
    const info = await containers.inspect(placeId);
    if (info === null) return;
    const warm = containers.isWarm(placeId);
    const before = { ...(this.#places.get(placeId) ?? this.#describe(placeId, "default", {})), warm };
    const { Running: runs, Paused: paused } = info.State;
    if (runs && this.#options.endLeftovers) {
      await containers.end(placeId, this.#options.stopGraceMs);
      this.#save({ ...before, state: "stopped", exit: asked });
      return;
    }
    const startedAt = info.State.Status === "created" ? null : startedAtOf(info);
    if (runs && (await this.#isReady(placeId))) {
      // The earlier one may have been an earlier release, or have ended just before it came to this.
      await closeOut(this.#directory(placeId)).catch((error: unknown) =>
        this.#options.log.warn({ err: error, placeId }, "a session can write beside its socket"),
      );
      this.#save({ ...before, state: paused ? "paused" : "running", exit: null, startedAt });
      return;
    }
    // Ended while nobody watched, or a start that was cut short.
    if (runs) await containers.kill(placeId);
    const ended = await containers.inspect(placeId);
    this.#save({ ...before, state: "lost", exit: await this.#exitOf(placeId, ended), startedAt });
  }

  async #isReady(placeId: PlaceId): Promise<boolean> {
    return connectToAgent(this.#directory(placeId).agentSocket).then(
      (socket) => {
        socket.destroy();
        return true;
      },
      () => false,
    );
  }

  ensure(placeId: PlaceId, spec: PlaceSpec): Promise<Place> {
    return this.#change(placeId, async () => {
      const place = this.#places.get(placeId);
      if (place !== undefined && isActive(place)) {
        const info = await this.#engine.containers.inspect(placeId);
        const runs = info?.State.Running === true;
        if (runs && (await holdsCredentials(this.#directory(placeId), spec.agent))) {
          const claimed = { ...place, warm: await this.#claimUnless(spec.warm, placeId) };
          return info.State.Paused ? this.#unfreeze(claimed) : this.#save({ ...claimed, state: "running" });
        }
        if (runs) await this.#engine.containers.end(placeId, this.#options.stopGraceMs);
      }
      return this.#start(placeId, spec);
    });
  }

  /** Whether it stays warm. Its agent serves its owner even if the engine does not rename it now. */
  async #claimUnless(warm: boolean, placeId: PlaceId): Promise<boolean> {
    const { containers } = this.#engine;
    if (!warm) {
      await containers.claim(placeId).catch((error: unknown) => {
        this.#options.log.warn({ err: error, placeId }, "a claimed place keeps its former name");
      });
    }
    return containers.isWarm(placeId);
  }

  async #start(placeId: PlaceId, spec: PlaceSpec): Promise<Place> {
    const { image, name } = spec.template;
    const { warm } = spec;
    let place = this.#save(this.#describe(placeId, name, { state: "starting", exit: null, warm }));
    try {
      const container = await engineCall(() => this.#create(placeId, spec), image);
      const ended = new AbortController();
      await engineCall(() => container.start(), image);
      container.wait().then(
        () => ended.abort(),
        () => ended.abort(),
      );
      const ready = untilReady({
        path: this.#directory(placeId).agentSocket,
        isAlive: () => !ended.signal.aborted,
        timeoutMs: this.#options.readyTimeoutMs,
        lastWords: () => readLogTail(container),
      });
      ready.catch(() => undefined);
      place = this.#save({ ...place, startedAt: startedAtOf(await engineCall(() => container.inspect())) });
      await ready;
      await closeOut(this.#directory(placeId));
      return this.#save({ ...place, state: "running" });
    } catch (error) {
      await this.#giveUp(place, error);
      throw explain(error, image);
    }
  }

  async #create(placeId: PlaceId, spec: PlaceSpec): Promise<Docker.Container> {
    const { containers, disks, helper, hostRunDir, installation } = this.#engine;
    const directory = this.#directory(placeId);
    await containers.remove(placeId);
    const prepare = async () => {
      const prepared = await prepareRunDirectory(directory, placeId);
      await openOut(directory, helper);
      await writeAgentConfig(directory, spec.agent);
      return prepared;
    };
    const request = { placeId, template: spec.template.name, sizeMb: spec.limits.diskMb };
    const [groupId, disk] = await Promise.all([prepare(), disks.ensure(request)]);
    const hostRunDirectory = `${hostRunDir}/${placeId}`;
    const { logLevel } = this.#options;
    const options = containerOptions({
      placeId,
      spec,
      installation,
      hostRunDirectory,
      groupId,
      disk,
      logLevel,
    });
    const { HostConfig } = options;
    return containers.create(placeId, spec.warm, {
      ...options,
      HostConfig: { ...HostConfig, Mounts: asMountSettings(HostConfig.Mounts) },
    });
  }

  /** Nothing of a start that failed is left running; the container stays for what can be told of its end. */
  async #giveUp(place: Place, error: unknown): Promise<void> {
    const { placeId } = place;
    const { containers } = this.#engine;
    const info = await containers
      .kill(placeId)
      .then(() => containers.inspect(placeId))
      .catch(() => null);
    const reason = explain(error);
    const diskFull = reason instanceof AppError && reason.code === "disk_full";
    const exit = await this.#exitOf(placeId, info);
    this.#save({ ...place, state: "lost", exit: diskFull ? { ...exit, reason: "disk-full" } : exit });
  }

  stop(placeId: PlaceId): Promise<Place> {
    return this.#change(placeId, async () => {
      const place = this.#get(placeId);
      if (!isActive(place) && place.state !== "starting") return place;
      const { containers } = this.#engine;
      const info = await containers.inspect(placeId);
      if (info?.State.Running !== true) {
        return this.#save({ ...place, state: "lost", exit: await this.#exitOf(placeId, info) });
      }
      await containers.end(placeId, this.#options.stopGraceMs);
      return this.#save({ ...place, state: "stopped", exit: asked });
    });
  }

  pause(placeId: PlaceId): Promise<Place> {
    return this.#change(placeId, async () => {
      const place = this.#getActive(placeId);
      if (place.state === "paused") return place;
      await engineCall(() => this.#engine.containers.of(placeId).pause());
      return this.#save({ ...place, state: "paused" });
    });
  }

  resume(placeId: PlaceId): Promise<Place> {
    return this.#change(placeId, async () => {
      const place = this.#getActive(placeId);
      return place.state === "running" ? place : this.#unfreeze(place);
    });
  }

  async #unfreeze(place: Place): Promise<Place> {
    await engineCall(() => this.#engine.containers.of(place.placeId).unpause());
    return this.#save({ ...place, state: "running" });
  }

  async remove(placeId: PlaceId): Promise<void> {
    await this.#change(placeId, async () => {
      const { containers, disks, helper } = this.#engine;
      const place = this.#places.get(placeId);
      await containers.remove(placeId);
      if (place !== undefined && isActive(place)) this.#save({ ...place, state: "stopped", exit: asked });
      const directory = this.#directory(placeId);
      if (await exists(directory.run)) await removeRunDirectory(directory, helper);
      // Last: as long as it is there, the place is, and its removal can be asked for again.
      await disks.remove(placeId);
      this.#places.delete(placeId);
    });
  }

  async find(placeId: PlaceId): Promise<Place | null> {
    const place = this.#places.get(placeId);
    if (place === undefined) return null;
    const found = await this.#withStats(place);
    if (!place.warm) return found;
    return { ...found, outdated: await this.#engine.containers.isOutdated(placeId).catch(() => false) };
  }

  list(): Promise<Place[]> {
    return Promise.all([...this.#places.values()].map((place) => this.#withStats(place)));
  }

  async #withStats(place: Place): Promise<Place> {
    if (!isActive(place)) return place;
    const stats = await this.#engine.containers.stats(place.placeId).catch(() => null);
    return { ...place, stats };
  }

  async connect(placeId: PlaceId): Promise<Duplex> {
    return connectToAgent(this.#directory(placeId).agentSocket);
  }

  subscribe(listener: PlaceListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close({ stopPlaces }: { stopPlaces: boolean }): Promise<void> {
    this.#opened?.events.close();
    if (stopPlaces) await this.#stopAll();
    await this.#opened?.disks.close();
  }

  async #stopAll(): Promise<void> {
    const running = [...this.#places.values()].filter(
      (place) => isActive(place) || place.state === "starting",
    );
    await Promise.all(running.map(({ placeId, warm }) => (warm ? this.remove(placeId) : this.stop(placeId))));
  }

  /** Compares a place with its container, unless a change of ours is under way (which looks itself afterwards). */
  #lookAt(placeId: PlaceId): void {
    const place = this.#places.get(placeId);
    if (place === undefined || !isActive(place) || this.#changing.has(placeId)) return;
    const { containers } = this.#engine;
    const look = async () => {
      const info = await containers.inspect(placeId);
      const now = this.#places.get(placeId);
      if (now === undefined || !isActive(now) || this.#changing.has(placeId)) return;
      if (info?.State.Running === true) {
        this.#save({ ...now, state: info.State.Paused ? "paused" : "running" });
        return;
      }
      const exit = await this.#exitOf(placeId, info);
      if (this.#places.get(placeId) !== now || this.#changing.has(placeId)) return;
      this.#options.log.warn({ placeId, exit }, "place lost");
      this.#save({ ...now, state: "lost", exit });
    };
    look().catch((error: unknown) =>
      this.#options.log.warn({ err: error, placeId }, "cannot look at a place"),
    );
  }

  async #exitOf(placeId: PlaceId, info: Awaited<ReturnType<Containers["inspect"]>>) {
    return exitOf(info, info === null ? "" : await readLogTail(this.#engine.containers.of(placeId)));
  }

  async #change<T>(placeId: PlaceId, work: () => Promise<T>): Promise<T> {
    this.#changing.add(placeId);
    try {
      return await work();
    } finally {
      this.#changing.delete(placeId);
      this.#lookAt(placeId);
    }
  }

  #describe(placeId: PlaceId, template: string, change: Partial<Place>): Place {
    return {
      placeId,
      template,
      runtime: "docker",
      isolation: "container",
      state: "lost",
      exit: null,
      startedAt: null,
      stats: null,
      warm: false,
      ...change,
    };
  }

  #save(place: Place): Place {
    const before = this.#places.get(place.placeId);
    this.#places.set(place.placeId, place);
    if (JSON.stringify(before) !== JSON.stringify(place)) {
      for (const listener of this.#listeners) listener(place);
    }
    return place;
  }

  #directory(placeId: PlaceId): RunDirectory {
    return runDirectoryOf(this.#options.runDir, this.#engine.hostRunDir, placeId);
  }

  #get(placeId: PlaceId): Place {
    const place = this.#places.get(placeId);
    if (place === undefined) throw new AppError("not_found", `there is no place ${placeId}`);
    return place;
  }

  #getActive(placeId: PlaceId): Place {
    const place = this.#get(placeId);
    if (isActive(place)) return place;
    throw new AppError("conflict", `place ${placeId} is ${place.state}, not running`);
  }
}
