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

/**
 * Short-lived containers that do what needs more of the host than session-manager has. They run our own image, never
 * a template's, without a network, with the capabilities the job names and no others.
 */
export class Helper {
  readonly #docker: Docker;
  readonly #image: string;
  readonly #labels: Record<string, string>;

  constructor(docker: Docker, image: string, installation: string) {
    this.#docker = docker;
    this.#image = image;
    this.#labels = { [labels.installation]: installation, [labels.role]: "helper" };
  }

  /** What it printed; throws when it did not end well. */
  async run(job: HelperJob): Promise<string> {
    return engineCall(async () => {
      const container = await this.#docker.createContainer(this.#options(job));
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
    }, this.#image);
  }

  #options({ script, args, mounts, capabilities, deviceRules = [] }: HelperJob) {
    return {
      Image: this.#image,
      User: "0:0",
      WorkingDir: "/",
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: [script, "helper", ...args],
      Env: ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      Labels: this.#labels,
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

  /** Removes those that an earlier session-manager could not. */
  async removeLeftovers(): Promise<void> {
    const filters = { label: Object.entries(this.#labels).map(([name, value]) => `${name}=${value}`) };
    for (const { Id } of await this.#docker.listContainers({ all: true, filters })) {
      await unlessGone(() => this.#docker.getContainer(Id).remove({ force: true }));
    }
  }
}
