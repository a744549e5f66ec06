import type { Place, PlaceId, PlaceStats } from "@remote-claude/protocol";
import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import { containerName, labels } from "./container-options.ts";
import { engineCall, unlessGone } from "./engine.ts";

/** What is asked of the engine about session containers. */
export class Containers {
  readonly #docker: Docker;
  readonly #installation: string;
  /** Those whose name says that nobody has claimed them. */
  readonly #warm = new Set<PlaceId>();

  constructor(docker: Docker, installation: string) {
    this.#docker = docker;
    this.#installation = installation;
  }

  of(placeId: PlaceId): Docker.Container {
    return this.#docker.getContainer(containerName(placeId, this.#warm.has(placeId)));
  }

  /** Makes the container of a place that has none. */
  async create(placeId: PlaceId, warm: boolean, options: Docker.ContainerCreateOptions) {
    const container = await this.#docker.createContainer(options);
    if (warm) this.#warm.add(placeId);
    return container;
  }

  isWarm(placeId: PlaceId): boolean {
    return this.#warm.has(placeId);
  }

  /** From now on the place is somebody's. */
  async claim(placeId: PlaceId): Promise<void> {
    if (!this.#warm.has(placeId)) return;
    await unlessGone(() => this.of(placeId).rename({ name: containerName(placeId) }));
    this.#warm.delete(placeId);
  }

  /** Whether its image's name stands for another image by now. */
  async isOutdated(placeId: PlaceId): Promise<boolean> {
    const info = await this.inspect(placeId);
    if (info === null) return false;
    const image = await unlessGone(() => this.#docker.getImage(info.Config.Image).inspect());
    return image?.Id !== info.Image;
  }

  inspect(placeId: PlaceId): Promise<ContainerInspectInfo | null> {
    return unlessGone(() => this.of(placeId).inspect());
  }

  /** Places of this installation that have a container, whatever its state. */
  async list(): Promise<PlaceId[]> {
    const label = [`${labels.installation}=${this.#installation}`, `${labels.role}=session`];
    const found = await engineCall(() => this.#docker.listContainers({ all: true, filters: { label } }));
    return found.flatMap(({ Labels, Names }) => {
      const placeId = Labels[labels.place];
      if (placeId === undefined) return [];
      if (Names.includes(`/${containerName(placeId, true)}`)) this.#warm.add(placeId);
      return placeId;
    });
  }

  /** Asks the agent to end, gives it the time, then ends what is left; the container is gone after that. */
  async end(placeId: PlaceId, graceMs: number): Promise<void> {
    const container = this.of(placeId);
    // A frozen agent hears nothing.
    await unlessGone(() => container.unpause()).catch(() => undefined);
    await unlessGone(() => container.stop({ t: Math.ceil(graceMs / 1000) }));
    await this.remove(placeId);
  }

  async kill(placeId: PlaceId): Promise<void> {
    await unlessGone(() => this.of(placeId).kill()).catch(() => undefined);
    await unlessGone(() => this.of(placeId).wait());
  }

  async remove(placeId: PlaceId): Promise<void> {
    await unlessGone(() => this.of(placeId).remove({ force: true, v: true }));
    this.#warm.delete(placeId);
  }

  /** null when it does not run. */
  async stats(placeId: PlaceId): Promise<PlaceStats | null> {
    const stats = await unlessGone(() => this.of(placeId).stats({ stream: false, "one-shot": true }));
    const { memory_stats: memory, cpu_stats: cpu, pids_stats: pids } = stats ?? {};
    if (memory?.usage === undefined || pids?.current === undefined) return null;
    // Pages of files that the kernel may take back at once are nobody's need.
    const cache = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0;
    return {
      memoryBytes: Math.max(0, memory.usage - cache),
      cpuSeconds: (cpu?.cpu_usage.total_usage ?? 0) / 1e9,
      processes: pids.current,
    };
  }
}

/** What can be told of the end of a container's agent. */
export function exitOf(info: ContainerInspectInfo | null, lastWords: string): NonNullable<Place["exit"]> {
  if (info === null || info.State.Status === "created") return { reason: "unknown", code: null };
  const { ExitCode: code, OOMKilled } = info.State;
  if (OOMKilled) return { reason: "out-of-memory", code };
  if (/ENOSPC|no space left/i.test(lastWords)) return { reason: "disk-full", code };
  return { reason: "exited", code };
}

/** Docker's nanoseconds are more than a Time holds. */
export const startedAtOf = (info: ContainerInspectInfo): string =>
  new Date(info.State.StartedAt).toISOString();
