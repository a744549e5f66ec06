import type { LimitEnforcement, PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import { labels, type Mount } from "./container-options.ts";
import { engineCall } from "./engine.ts";

/** What a place's disk is for. */
export interface DiskRequest {
  readonly placeId: PlaceId;
  readonly template: string;
  readonly sizeMb: number;
}

/**
 * Where workspace and home of places are. That a place has a disk is what makes it one: the disk is made first and
 * removed last, so that what was cut short in between can be done again.
 */
export interface Disks {
  /** How the size is held to. */
  readonly enforcement: LimitEnforcement;
  /** Makes the disk or finds it, and answers what to mount. The place has no container meanwhile. */
  ensure(request: DiskRequest): Promise<readonly Mount[]>;
  /** Deletes what is on it and itself; fine if there is none. */
  remove(placeId: PlaceId): Promise<void>;
  /** Gives back what the work needs; disks stay, and whoever works on one again has it made again. */
  close(): Promise<void>;
}

export interface DiskRecord {
  readonly placeId: PlaceId;
  readonly template: string;
}

/** Every place of this installation that has a disk. */
export async function listDisks(docker: Docker, installation: string): Promise<DiskRecord[]> {
  const filters = { label: [`${labels.installation}=${installation}`, labels.place] };
  const { Volumes } = await engineCall(() => docker.listVolumes({ filters: JSON.stringify(filters) }));
  const found = new Map<PlaceId, DiskRecord>();
  for (const { Labels } of Volumes ?? []) {
    const placeId = Labels[labels.place];
    if (placeId !== undefined)
      found.set(placeId, { placeId, template: Labels[labels.template] ?? "default" });
  }
  return [...found.values()];
}
