import { AppError, type PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import type { Logger } from "pino";
import type { Mount } from "./container-options.ts";
import type { DiskRequest, Disks } from "./disks.ts";
import { LoopDisks } from "./loop-disks.ts";
import { PlainDisks } from "./plain-disks.ts";

/** The engine's API that can mount a part of a volume: Docker 26, of March 2024. */
const neededApi = [1, 45] as const;

const unlimited = "Sessions' disk space is not limited: one that fills it may fill the server's disk.";

/**
 * Loop devices where this host has them, else plain volumes, with a sentence that says so. A place keeps the kind it
 * was made with.
 */
export class ChosenDisks implements Disks {
  readonly #loop: LoopDisks;
  readonly #plain: PlainDisks;
  readonly #apiVersion: string;
  readonly #log: Logger;
  #usesLoop: boolean | null = null;
  #message: string | null = null;

  constructor(options: {
    readonly docker: Docker;
    /** The image that helpers run. */
    readonly image: string;
    readonly installation: string;
    /** The volume for what is behind loop devices. */
    readonly store: string;
    readonly apiVersion: string;
    readonly log: Logger;
  }) {
    const { docker, image, installation, store, apiVersion, log } = options;
    this.#loop = new LoopDisks({ docker, image, installation, store });
    this.#plain = new PlainDisks(docker, installation);
    this.#apiVersion = apiVersion;
    this.#log = log;
  }

  get enforcement() {
    return this.#usesLoop === true ? this.#loop.enforcement : this.#plain.enforcement;
  }

  /** What people must know; null when the limit holds. */
  get message(): string | null {
    return this.#message;
  }

  /** Finds out, by trying; throws only what says that it could not be found out now. */
  async choose(): Promise<void> {
    if (this.#usesLoop !== null) return;
    const [major = 0, minor = 0] = this.#apiVersion.split(".").map(Number);
    if (major < neededApi[0] || (major === neededApi[0] && minor < neededApi[1])) {
      this.#settleForPlain("it needs Docker 26 or newer");
      return;
    }
    try {
      await this.#loop.probe();
      this.#usesLoop = true;
      this.#message = null;
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.#log.warn({ err: error }, "no loop devices: disks of sessions are not limited");
      this.#settleForPlain("it has no loop devices for containers");
    }
  }

  #settleForPlain(why: string): void {
    this.#usesLoop = false;
    this.#message = `${unlimited} This host cannot limit it: ${why}.`;
  }

  async ensure(request: DiskRequest): Promise<readonly Mount[]> {
    if (await this.#plain.exists(request.placeId)) return this.#plain.ensure(request);
    await this.choose();
    return (this.#usesLoop ? this.#loop : this.#plain).ensure(request);
  }

  async remove(placeId: PlaceId): Promise<void> {
    await this.#plain.remove(placeId);
    await this.#loop.remove(placeId);
  }

  /** Finds the disks again that the engine has lost sight of. */
  async recover(): Promise<void> {
    if (this.#usesLoop === true) await this.#loop.recover();
  }

  close(): Promise<void> {
    return this.#loop.close();
  }
}
