import { insidePlace, type PlaceId } from "@remote-claude/protocol";
import type Docker from "dockerode";
import { labels, type Mount } from "./container-options.ts";
import type { DiskRequest, Disks } from "./disks.ts";
import { engineCall, unlessGone } from "./engine.ts";

const names = (placeId: PlaceId) => ({
  workspace: `remote-claude-${placeId}-workspace`,
  home: `remote-claude-${placeId}-home`,
});

/** Ordinary volumes, where the host has no loop devices: they may fill the engine's disk. */
export class PlainDisks implements Disks {
  readonly enforcement = "none";
  readonly #docker: Docker;
  readonly #installation: string;

  constructor(docker: Docker, installation: string) {
    this.#docker = docker;
    this.#installation = installation;
  }

  async exists(placeId: PlaceId): Promise<boolean> {
    return (await unlessGone(() => this.#docker.getVolume(names(placeId).workspace).inspect())) !== null;
  }

  async ensure({ placeId, template }: DiskRequest): Promise<readonly Mount[]> {
    const volumes = names(placeId);
    const Labels = {
      [labels.installation]: this.#installation,
      [labels.place]: placeId,
      [labels.template]: template,
    };
    for (const Name of [volumes.workspace, volumes.home]) {
      await engineCall(() => this.#docker.createVolume({ Name, Labels }));
    }
    // An empty volume takes what the image has there, its owner included.
    return [
      { Type: "volume", Source: volumes.workspace, Target: insidePlace.workspace, ReadOnly: false },
      { Type: "volume", Source: volumes.home, Target: insidePlace.home, ReadOnly: false },
    ];
  }

  async remove(placeId: PlaceId): Promise<void> {
    const volumes = names(placeId);
    for (const name of [volumes.home, volumes.workspace])
      await unlessGone(() => this.#docker.getVolume(name).remove());
  }

  async close(): Promise<void> {}
}
