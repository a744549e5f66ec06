import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Place } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeTree } from "./runtimes/local/directories.ts";
import { readRecord } from "./runtimes/local/place-record.ts";
import { findRecorded } from "./runtimes/local/process-table.ts";
import { ProcfsTable } from "./runtimes/local/procfs-table.ts";
import { fixtureAgentDir, newPlaceId, newSecret } from "./testing/local-harness.ts";

const mainFile = fileURLToPath(new URL("main.ts", import.meta.url));
const secret = "a secret of the test";

describe.skipIf(process.platform !== "linux")("the process session-manager", () => {
  let directory: string;
  let running: ChildProcess[];
  let port: number;
  const placeId = newPlaceId();
  const body = { template: "default", apiPublicKey: "key", placeSecret: newSecret() };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "rc-"));
    running = [];
  });
  afterEach(async () => {
    // Whatever a test left: a last run that ends everything.
    for (const child of running) child.kill("SIGKILL");
    const last = await start({ END_LEFTOVERS: "true", STOP_PLACES_ON_EXIT: "true" });
    last.kill("SIGTERM");
    await once(last, "exit");
    await removeTree(directory);
  });

  async function start(environment: Record<string, string> = {}): Promise<ChildProcess> {
    const child = spawn(process.execPath, [mainFile], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env.PATH,
        MANAGER_PORT: "0",
        MANAGER_SECRET: secret,
        RUN_DIR: join(directory, "run"),
        PLACES_DIR: join(directory, "places"),
        AGENT_DIR: fixtureAgentDir,
        CLAUDE_BINARY: "/bin/true",
        ...environment,
      },
    });
    running.push(child);
    port = await new Promise<number>((resolve, reject) => {
      child.on("exit", (code) => reject(new Error(`it ended with ${code}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        expect(line).not.toContain(secret);
        expect(line).not.toContain(body.placeSecret);
        const entry = JSON.parse(line) as { msg: string; port: number };
        if (entry.msg === "listening") resolve(entry.port);
      });
    });
    return child;
  }

  async function call(method: string, path = ""): Promise<Place> {
    const response = await fetch(`http://127.0.0.1:${port}/places/${placeId}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      ...(method === "PUT" ? { body: JSON.stringify(body) } : {}),
    });
    return Place.parse(await response.json());
  }

  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    child.kill(signal);
    await once(child, "exit");
    return child.exitCode;
  };
  const agentLives = () => {
    const record = readRecord(join(directory, "places", placeId));
    return findRecorded(new ProcfsTable(), record?.process ?? null) !== null;
  };

  it("adopts after a kill -9 what it had started", async () => {
    const first = await start();
    const before = await call("PUT");
    await end(first, "SIGKILL");
    expect(agentLives()).toBe(true);
    await start();
    const after = await call("GET");
    expect(after).toMatchObject({ state: "running", startedAt: before.startedAt });
    expect(after.stats?.processes).toBeGreaterThan(0);
    expect((await call("POST", "/stop")).state).toBe("stopped");
    expect(agentLives()).toBe(false);
  });

  it("leaves places running on SIGTERM, unless they are to stop with it", async () => {
    const first = await start();
    await call("PUT");
    expect(await end(first, "SIGTERM")).toBe(0);
    expect(agentLives()).toBe(true);
    const second = await start({ STOP_PLACES_ON_EXIT: "true" });
    expect((await call("GET")).state).toBe("running");
    expect(await end(second, "SIGTERM")).toBe(0);
    expect(agentLives()).toBe(false);
  });

  it("ends first what an earlier run left, when it is told to", async () => {
    const first = await start();
    await call("PUT");
    await end(first, "SIGKILL");
    await start({ END_LEFTOVERS: "true" });
    expect(agentLives()).toBe(false);
    expect(await call("GET")).toMatchObject({ state: "stopped", exit: { reason: "asked" } });
  });

  it("ends a place that is just starting when it has to stop", async () => {
    const home = join(directory, "places", placeId, "home");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "behaviour"), "never-ready");
    const first = await start({ STOP_PLACES_ON_EXIT: "true" });
    const refused = call("PUT").catch(() => "refused");
    await expect.poll(agentLives, { timeout: 10_000 }).toBe(true);
    expect(await end(first, "SIGTERM")).toBe(0);
    expect(agentLives()).toBe(false);
    expect(await refused).toBe("refused");
  });

  it("names what is missing of the programs it is to start", async () => {
    await expect(start({ AGENT_DIR: "/nonexistent" })).rejects.toThrow("it ended with 1");
  });

  it("says what is wrong with its configuration, and ends", async () => {
    await expect(start({ RUN_DIR: "relative" })).rejects.toThrow("it ended with 78");
  });
});
