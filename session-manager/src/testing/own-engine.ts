import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createWriteStream, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import Docker from "dockerode";
import { docker as machinesEngine } from "./docker-harness.ts";

const run = promisify(execFile);
const readyWithinMs = 60_000;

/** Why this machine cannot run a second Docker Engine; null when it can. */
export async function ownEngineUnavailable(): Promise<string | null> {
  if (process.geteuid?.() !== 0) return "only root can start a second Docker Engine";
  try {
    await run("unshare", ["--net", "dockerd", "--version"]);
    return null;
  } catch {
    return "dockerd cannot be started here in a network of its own";
  }
}

/** A Docker Engine that a test may end and start again: nobody else's containers are in it. It has no network. */
export class OwnEngine {
  readonly directory = mkdtempSync(join(tmpdir(), "rc-engine-"));
  readonly socketPath = join(this.directory, "docker.sock");
  readonly docker = new Docker({ socketPath: this.socketPath });
  #process: ChildProcess | null = null;

  async start(): Promise<void> {
    const path = (name: string) => join(this.directory, name);
    this.#process = spawn(
      "unshare",
      [
        // An engine without a bridge removes docker0, whoever's it is: this one has a network stack of its own.
        ...["--net", "dockerd"],
        ...["--data-root", path("data"), "--exec-root", path("exec"), "--pidfile", path("pid")],
        ...["--host", `unix://${this.socketPath}`, "--bridge=none"],
        ...["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#process.stderr?.pipe(createWriteStream(path("log"), { flags: "a" }));
    const deadline = Date.now() + readyWithinMs;
    while (!(await this.docker.ping().then(Boolean, () => false))) {
      if (this.#process.exitCode !== null || Date.now() > deadline)
        throw new Error("no second Docker Engine");
      await delay(100);
    }
  }

  /** Brings an image over from the machine's own engine. */
  async take(image: string): Promise<void> {
    const archive = await machinesEngine.getImage(image).get();
    const loading = await this.docker.loadImage(archive);
    await new Promise<void>((resolve, reject) => {
      this.docker.modem.followProgress(loading, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** SIGTERM is an upgrade or a reboot, SIGKILL a crash. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const ending = this.#process;
    if (ending === null) return;
    this.#process = null;
    const ended = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    // What a crash of it left mounted.
    const { stdout } = await run("sh", [
      "-c",
      'grep -o " $1/[^ ]*" /proc/mounts || true',
      "sh",
      this.directory,
    ]);
    for (const mount of stdout
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
      .reverse())
      await run("umount", ["--lazy", mount]).catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true });
  }
}
