import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { defaultTemplate, type PlaceId } from "@remote-claude/protocol";
import pino from "pino";
import { findNpm } from "../runtimes/local/bubblewrap.ts";
import { removeTree } from "../runtimes/local/directories.ts";
import { findIsolation } from "../runtimes/local/isolation.ts";
import { LocalRuntime, type LocalRuntimeOptions } from "../runtimes/local/local-runtime.ts";
import type { PlaceSpec } from "../runtimes/runtime.ts";

export const fixtureAgentDir = fileURLToPath(new URL("fixture-agent", import.meta.url));
const path = ["/usr/local/bin", "/usr/bin", "/bin"];
const programs = {
  agentDir: fixtureAgentDir,
  claudeBinary: "/bin/true",
  nodeBinary: process.execPath,
  npmDir: findNpm(process.execPath, path),
};

/** Why the suites in bubblewrap cannot run here, or null. */
export async function bubblewrapUnavailable(): Promise<string | null> {
  const scratchDir = mkdtempSync(join(tmpdir(), "rc-"));
  const isolation = await findIsolation({ path, programs, scratchDir });
  await removeTree(scratchDir);
  return isolation.kind === "none" ? isolation.message : null;
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

export function newPlaceId(): PlaceId {
  return [...randomBytes(12)].map((byte) => base32[byte % 32]).join("");
}

export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

const { publicKey } = generateKeyPairSync("ed25519");
const apiPublicKey = publicKey.export({ format: "der", type: "spki" }).toString("base64");

export function buildSpec(placeId: PlaceId, overrides: Partial<PlaceSpec["limits"]> = {}): PlaceSpec {
  return {
    template: defaultTemplate,
    limits: { memoryMb: 4096, cpus: 2, diskMb: 10240, pids: 1024, ...overrides },
    agent: { placeId, apiPublicKey, placeSecret: newSecret(), permissionModes: ["default"] },
    warm: false,
  };
}

export interface ShellResult {
  readonly code: number | string;
  readonly output: string;
}

/** Runs a line of shell in a place, through its fixture agent. */
export function runInPlace(runDir: string, placeId: PlaceId, line: string): Promise<ShellResult> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(join(runDir, placeId, "out", "agent.sock"));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the agent ended")));
    createInterface({ input: socket }).on("line", (answer) => {
      resolve(JSON.parse(answer));
      socket.destroy();
    });
    socket.write(`${line}\n`);
  });
}

/** A data directory of its own, and local runtimes on it. */
export class LocalHarness {
  readonly directory = mkdtempSync(join(tmpdir(), "rc-"));
  readonly runDir = join(this.directory, "run");
  readonly placesDir = join(this.directory, "places");
  readonly buildSpec = buildSpec;
  readonly #isolation: "bubblewrap" | "none";
  readonly #runtimes: LocalRuntime[] = [];

  constructor(isolation: "bubblewrap" | "none") {
    this.#isolation = isolation;
  }

  /** A further one stands for a session-manager that was killed and started again. */
  async open(overrides: Partial<LocalRuntimeOptions> = {}): Promise<LocalRuntime> {
    for (const runtime of this.#runtimes) await runtime.close({ stopPlaces: false });
    const runtime = new LocalRuntime({
      runDir: this.runDir,
      placesDir: this.placesDir,
      programs,
      path,
      isolation: this.#isolation,
      fenceEnvironment: {},
      readyTimeoutMs: 20_000,
      stopGraceMs: 5_000,
      endLeftovers: false,
      logLevel: "info",
      log: pino({ level: "silent" }),
      ...overrides,
    });
    this.#runtimes.push(runtime);
    await runtime.open();
    return runtime;
  }

  /** What the fixture agent of the place does when it starts. */
  behave(placeId: PlaceId, behaviour: "failing" | "never-ready" | "slow" | "stubborn"): void {
    const home = join(this.placesDir, placeId, "home");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "behaviour"), behaviour);
  }

  /** Runs a line of shell in the place, through its agent. */
  run(placeId: PlaceId, line: string): Promise<ShellResult> {
    return runInPlace(this.runDir, placeId, line);
  }

  async close(): Promise<void> {
    for (const runtime of this.#runtimes.slice(0, -1)) await runtime.close({ stopPlaces: false });
    await this.#runtimes.at(-1)?.close({ stopPlaces: true });
    await removeTree(this.directory);
  }
}
