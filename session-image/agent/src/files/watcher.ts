import { type FSWatcher, watch } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../lib/log.ts";
import { errorCode } from "../lib/system-errors.ts";
import { ChangeBatch, type ChangeBatchEvent } from "./change-batch.ts";
import { temporaryPrefix } from "./content.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { LookQueue } from "./look-queue.ts";
import { Poller } from "./poller.ts";

export interface WatchLimits {
  /** One inotify watch each; a tree larger than this is polled. */
  readonly maxDirectories: number;
  readonly pollPauseMs: number;
  /** More than the kernel keeps for us (16,384): they come faster than they are read. */
  readonly maxEventsInOneTurn: number;
  /** How long is polled after that. */
  readonly floodPauseMs: number;
}

const defaultLimits: WatchLimits = {
  maxDirectories: 20_000,
  pollPauseMs: 2_000,
  maxEventsInOneTurn: 50_000,
  floodPauseMs: 30_000,
};

interface Watched {
  readonly watcher: FSWatcher;
  /** Names that are known to be here, so that made and changed can be told apart. */
  readonly names: Set<string>;
}

/**
 * Watches every directory of the workspace that .gitignore leaves in: one watch for each, made and dropped as
 * directories come and go, so that node_modules costs nothing. Where the kernel gives no more watches, it polls; and for
 * a while where a program changes things faster than one can hear of it.
 */
export class WorkspaceWatcher {
  readonly #root: string;
  readonly #rules: IgnoreRules;
  readonly #log: Logger;
  readonly #batch: ChangeBatch;
  readonly #limits: WatchLimits;
  readonly #directories = new Map<string, Watched>();
  readonly #looks = new LookQueue((directory, name) => this.#look(directory, name));
  #eventsInThisTurn = 0;
  #floodTimer: NodeJS.Timeout | undefined;
  #poller: Poller | null = null;
  #stopped = false;
  #rescan: Promise<void> = Promise.resolve();

  constructor(
    root: string,
    rules: IgnoreRules,
    log: Logger,
    emit: (event: ChangeBatchEvent) => void,
    limits: Partial<WatchLimits> = {},
  ) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#root = root;
    this.#rules = rules;
    this.#log = log;
    this.#batch = new ChangeBatch((event) => {
      // In a burst the kernel may have dropped events: look for directories that nobody watches yet.
      if (event.overflow) this.#scheduleRescan();
      emit(event);
    });
  }

  async start(): Promise<void> {
    await this.#add("", false);
  }

  stop(): void {
    this.#stopped = true;
    this.#batch.stop();
    clearTimeout(this.#floodTimer);
    this.#poller?.stop();
    this.#watchNothing();
  }

  get polling(): boolean {
    return this.#poller !== null;
  }

  /** Watches a directory and those below it. `tell`: what is found there is new to everybody. */
  async #add(path: string, tell: boolean): Promise<void> {
    if (this.#stopped || this.polling || this.#directories.has(path)) return;
    const watched = this.#watch(path);
    if (watched === null) return;
    this.#directories.set(path, watched);
    await this.#read(path, watched, tell);
  }

  async #read(path: string, watched: Watched, tell: boolean): Promise<void> {
    // Watched before it is read: what is made in between is seen twice, never missed.
    const entries = await readdir(join(this.#root, path), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const child = childOf(path, entry.name);
      if (!watched.names.has(entry.name)) {
        watched.names.add(entry.name);
        if (tell && !isTemporary(entry.name)) this.#batch.add(child, "created");
      }
      if (!entry.isDirectory()) continue;
      if (child === ".git") this.#addGit();
      else if (this.#isWatchable(path, entry.name)) await this.#add(child, tell);
    }
  }

  #isWatchable(directory: string, name: string): boolean {
    return !isTemporary(name) && !this.#rules.ignoresEntry(directory, name, true);
  }

  #watch(path: string): Watched | null {
    try {
      if (this.#directories.size >= this.#limits.maxDirectories)
        throw Object.assign(new Error("too many"), { code: "ENOSPC" });
      const watcher = watch(join(this.#root, path), { persistent: false });
      watcher.on("change", (_, name) => this.#seen(path, String(name)));
      watcher.on("error", () => this.#remove(path));
      return { watcher, names: new Set() };
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOSPC" || code === "EMFILE" || code === "ENOMEM") this.#degrade(code);
      return null;
    }
  }

  #seen(directory: string, name: string): void {
    if (this.#isFlooded()) this.#pollForAWhile();
    if (this.polling || isTemporary(name)) return;
    if (isGitDirectory(directory)) this.#gitChanged(name);
    else this.#looks.add(directory, name);
  }

  /**
   * libuv reads the kernel's events until there are none, and nothing else happens meanwhile: whoever makes them
   * faster than they are read would hold up the whole agent, for as long as that goes on.
   */
  #isFlooded(): boolean {
    this.#eventsInThisTurn += 1;
    if (this.#eventsInThisTurn === 1) {
      setImmediate(() => {
        this.#eventsInThisTurn = 0;
      });
    }
    return this.#eventsInThisTurn > this.#limits.maxEventsInOneTurn;
  }

  #pollForAWhile(): void {
    if (this.polling || this.#stopped) return;
    this.#poll("too many events");
    this.#floodTimer = setTimeout(() => {
      this.#poller?.stop();
      this.#poller = null;
      // What happened between the last look and the first watch is nobody's to tell.
      this.#add("", false).then(() => this.#batch.overflow());
    }, this.#limits.floodPauseMs);
    this.#floodTimer.unref();
  }

  /** Of a repository's inner life only one thing is told: that it changed. */
  #gitChanged(name: string): void {
    if (!name.endsWith(".lock")) this.#batch.add(".git", "changed");
  }

  async #look(directory: string, name: string): Promise<void> {
    const watched = this.#directories.get(directory);
    if (watched === undefined) return;
    const path = childOf(directory, name);
    const stats = await lstat(join(this.#root, path)).catch(() => null);
    if (this.#stopped || this.#directories.get(directory) !== watched) return;
    if (name === ".gitignore") this.#rulesChanged();
    if (stats === null) {
      if (watched.names.delete(name)) this.#batch.add(path, "deleted");
      this.#remove(path);
      return;
    }
    const known = watched.names.has(name);
    watched.names.add(name);
    const isDirectory = stats.isDirectory();
    const ignored = this.#rules.ignoresEntry(directory, name, isDirectory);
    if (!known) this.#batch.add(path, "created");
    // An ignored name is told of when it comes and goes, not whenever it is written.
    else if (!ignored && !isDirectory) this.#batch.add(path, "changed");
    if (isDirectory && !this.#directories.has(path)) await this.#lookInside(path, ignored, !known);
    if (!isDirectory) this.#remove(path);
  }

  async #lookInside(path: string, ignored: boolean, tell: boolean): Promise<void> {
    if (!ignored) await this.#add(path, tell);
    else if (path === ".git") this.#addGit();
  }

  /** HEAD and index tell of commits, branches and staging. */
  #addGit(): void {
    for (const path of [".git", ".git/refs/heads"]) {
      if (this.#directories.has(path)) continue;
      const watched = this.#watch(path);
      if (watched !== null) this.#directories.set(path, watched);
    }
  }

  #rulesChanged(): void {
    this.#rules.forget();
    this.#scheduleRescan();
  }

  #scheduleRescan(): void {
    this.#rescan = this.#rescan.then(() => this.#rescanAll()).catch(() => undefined);
  }

  /** Watches what is no longer ignored or was missed, drops what is ignored now. */
  async #rescanAll(): Promise<void> {
    for (const [path, watched] of [...this.#directories]) {
      if (this.#stopped || this.polling) return;
      if (isGitDirectory(path)) continue;
      if (path !== "" && this.#rules.ignores(path, true)) this.#remove(path);
      else await this.#read(path, watched, false);
    }
  }

  #remove(path: string): void {
    const removed = this.#directories.get(path);
    if (removed === undefined) return;
    for (const [other, { watcher }] of [...this.#directories]) {
      if (other !== path && !other.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#directories.delete(other);
    }
  }

  #degrade(code: string): void {
    if (!this.polling && !this.#stopped) this.#poll(code);
  }

  #watchNothing(): void {
    this.#looks.clear();
    for (const { watcher } of this.#directories.values()) watcher.close();
    this.#directories.clear();
  }

  #poll(why: string): void {
    this.#log.warn({ why, watches: this.#directories.size }, "files cannot be watched; polling instead");
    this.#watchNothing();
    this.#poller = new Poller(this.#root, this.#rules, this.#batch, this.#limits.pollPauseMs);
    this.#poller.start();
  }
}

function childOf(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

function isTemporary(name: string): boolean {
  return name.startsWith(temporaryPrefix);
}

function isGitDirectory(path: string): boolean {
  return path === ".git" || path.startsWith(".git/");
}
