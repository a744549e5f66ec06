import { AppError } from "@remote-claude/protocol";
import type Docker from "dockerode";
import { asMountSettings, labels, type Mount } from "./container-options.ts";
import { engineCall, unlessGone } from "./engine.ts";
import { demultiplex } from "./log-tail.ts";

export interface HelperJob {
  /** For `sh -c`, with `args` as $1 and on. Never text of anybody else. */
  readonly script: string;
  readonly args: readonly string[];
  readonly mounts: readonly Mount[];
  readonly capabilities: readonly string[];
  readonly deviceRules?: readonly string[];
}

/** Where helpers are made. */
export interface HelperSurroundings {
  readonly docker: Docker;
  readonly image: string;
  readonly installation: string;
}

/** Everything about a helper's container. */
export function helperOptions({ image, installation }: HelperSurroundings, job: HelperJob) {
  const { script, args, mounts, capabilities, deviceRules = [] } = job;
  return {
    Image: image,
    User: "0:0",
    WorkingDir: "/",
    Entrypoint: ["/bin/sh", "-c"],
    Cmd: [script, "helper", ...args],
    Env: ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
    Labels: helperLabels(installation),
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: [...capabilities],
      SecurityOpt: ["no-new-privileges:true"],
      Mounts: asMountSettings(mounts),
      Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=16m" },
      DeviceCgroupRules: [...deviceRules],
      Memory: 256 * 1024 * 1024,
      PidsLimit: 64,
    },
  };
}

function helperLabels(installation: string): Record<string, string> {
  return { [labels.installation]: installation, [labels.role]: "helper" };
}

/**
 * Short-lived containers that do what needs more of the host than session-manager has. They run our own image, never
 * a template's, without a network, with the capabilities the job names and no others.
 */
export class Helper {
  readonly #surroundings: HelperSurroundings;

  constructor(surroundings: HelperSurroundings) {
    this.#surroundings = surroundings;
  }

  /** What it printed; throws when it did not end well. */
  async run(job: HelperJob): Promise<string> {
    const { docker, image } = this.#surroundings;
    return engineCall(async () => {
      const container = await docker.createContainer(helperOptions(this.#surroundings, job));
      try {
        await container.start();
        const { StatusCode } = (await container.wait()) as { StatusCode: number };
        const logs = await container.logs({ stdout: true, stderr: true });
        const output = demultiplex(logs).trim();
        if (StatusCode === 0) return output;
        if (/No space left on device/i.test(output)) {
          throw new AppError("disk_full", "The server's disk is full.");
        }
        throw new Error(`helper ended with ${StatusCode}: ${output.slice(-500)}`);
      } finally {
        await unlessGone(() => container.remove({ force: true }));
      }
    }, image);
  }

  /** Removes those that an earlier session-manager could not. */
  async removeLeftovers(): Promise<void> {
    const { docker, installation } = this.#surroundings;
    const label = Object.entries(helperLabels(installation)).map(([name, value]) => `${name}=${value}`);
    for (const { Id } of await docker.listContainers({ all: true, filters: { label } })) {
      await unlessGone(() => docker.getContainer(Id).remove({ force: true }));
    }
  }
}
