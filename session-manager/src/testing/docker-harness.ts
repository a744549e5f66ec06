import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PlaceId } from "@remote-claude/protocol";
import Docker from "dockerode";
import pino from "pino";
import { labels } from "../runtimes/docker/container-options.ts";
import { DockerRuntime, type DockerRuntimeOptions } from "../runtimes/docker/docker-runtime.ts";
import { removeTree } from "../runtimes/local/directories.ts";
import type { PlaceSpec } from "../runtimes/runtime.ts";
import { buildSpec, fixtureAgentDir, runInPlace, type ShellResult } from "./local-harness.ts";

const run = promisify(execFile);
export const socketPath = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");
export const docker = new Docker({ socketPath });
export const fixtureImage = "remote-claude/test-fixture";

/** Why the suites with a Docker Engine cannot run here, or null; makes the image that they start. */
export async function dockerUnavailable(): Promise<string | null> {
  try {
    await docker.ping();
  } catch {
    return "no Docker Engine answers here";
  }
  try {
    await run("docker", ["build", "--quiet", "--tag", fixtureImage, fixtureAgentDir]);
    return null;
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    return `the image of the tests cannot be built: ${said}`;
  }
}

/** As buildSpec makes it, in a container of the fixture image. */
export function buildDockerSpec(placeId: PlaceId, overrides: Partial<PlaceSpec["limits"]> = {}): PlaceSpec {
  const spec = buildSpec(placeId, { memoryMb: 512, diskMb: 256, ...overrides });
  return { ...spec, template: { ...spec.template, image: fixtureImage } };
}

/** A run directory of its own, and Docker runtimes on it. */
export class DockerHarness {
  readonly directory = mkdtempSync(join(tmpdir(), "rc-"));
  readonly runDir = join(this.directory, "run");
  readonly buildSpec = buildDockerSpec;
  readonly #runtimes: DockerRuntime[] = [];

  /** A further one stands for a session-manager that was killed and started again. */
  async open(overrides: Partial<DockerRuntimeOptions> = {}): Promise<DockerRuntime> {
    for (const runtime of this.#runtimes) await runtime.close({ stopPlaces: false });
    const runtime = new DockerRuntime({
      socketPath,
      runDir: this.runDir,
      helperImage: fixtureImage,
      readyTimeoutMs: 20_000,
      stopGraceMs: 5_000,
      endLeftovers: false,
      logLevel: "info",
      log: pino({ level: "silent" }),
      ...overrides,
    });
    await runtime.open();
    this.#runtimes.push(runtime);
    return runtime;
  }

  behave(placeId: PlaceId, behaviour: "failing" | "never-ready" | "slow" | "stubborn"): void {
    const directory = join(this.runDir, placeId, "in");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "behaviour"), behaviour);
  }

  run(placeId: PlaceId, line: string): Promise<ShellResult> {
    return runInPlace(this.runDir, placeId, line);
  }

  /** Leaves nothing in the engine. */
  async close(): Promise<void> {
    for (const runtime of this.#runtimes.slice(0, -1)) await runtime.close({ stopPlaces: false });
    const last = this.#runtimes.at(-1);
    for (const { placeId } of (await last?.list()) ?? []) await last?.remove(placeId);
    await last?.close({ stopPlaces: true });
    const { Volumes } = await docker.listVolumes({
      filters: JSON.stringify({ label: [`${labels.installation}=${last?.installation ?? "none"}`] }),
    });
    for (const { Name } of Volumes) await docker.getVolume(Name).remove();
    await removeTree(this.directory);
  }
}
