import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsExitStatus } from "@remote-claude/service/settings";
import { afterEach, describe, expect, it, vi } from "vitest";
import { developmentCrashPolicy } from "./crashes.ts";
import type { Failure } from "./failure.ts";
import { LogFile } from "./log-file.ts";
import { freePorts } from "./ports.ts";
import { identify, isRunning, processStart } from "./process-identity.ts";
import { Service, type ServiceDefinition, type ServicePolicy } from "./service.ts";

const services: Service[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

const listening = `require("node:http").createServer((_, r) => r.end(JSON.stringify(process.env))).listen(process.env.PORT_OF_TEST, "127.0.0.1");`;

async function createService(
  program: string,
  policy: Partial<ServicePolicy> = {},
  more: Partial<Pick<ServiceDefinition, "firstEnv" | "lostWithoutIt">> = {},
) {
  const directory = mkdtempSync(join(tmpdir(), "service-"));
  const script = join(directory, "main.cjs");
  writeFileSync(script, program);
  const [port = 0] = await freePorts(1);
  const log = new LogFile(join(directory, "service.log"));
  const warnings: string[] = [];
  const givenUp: Failure[] = [];
  const definition = {
    name: "subject",
    args: [script],
    cwd: directory,
    env: { PORT_OF_TEST: String(port) },
    port,
    lostWithoutIt: null,
    ...more,
  };
  const service = new Service(definition, {
    log,
    terminal: { say: () => undefined, warn: (_, message) => warnings.push(message) },
    onGivenUp: (failure) => givenUp.push(failure),
    policy: { backoffMs: [1], ...policy },
  });
  services.push(service);
  const ask = async () => (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as Record<string, string>;
  return { service, directory, log, warnings, givenUp, ask };
}

describe("a service", () => {
  it("is started once it accepts connections, with its own environment and nothing inherited", async () => {
    const { service, ask } = await createService(listening);
    await service.start();
    expect(service.state).toBe("ready");
    const environment = await ask();
    expect(environment.PORT_OF_TEST).toBeDefined();
    expect(environment.PATH).toBeUndefined();
  });

  it("is started again when it crashes, without what was meant for its first process", async () => {
    const { service, ask, warnings } = await createService(listening, {}, { firstEnv: { FIRST: "yes" } });
    await service.start();
    expect((await ask()).FIRST).toBe("yes");
    const first = service.pid;
    process.kill(first ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(service.pid).not.toBe(first), 5000);
    await vi.waitFor(() => expect(service.state).toBe("ready"), 5000);
    expect((await ask()).FIRST).toBeUndefined();
    expect(warnings.join()).toContain("SIGKILL");
  });

  it("is given up when nothing works without it and it does not start, with the end of its log", async () => {
    const { service, givenUp } = await createService(`console.error("no teapot"); process.exit(7);`, {
      maxCrashesBeforeReady: 3,
    });
    await expect(service.start()).rejects.toThrow(/subject ended 3 times in a row \(exit status 7\)/);
    expect(givenUp[0]?.message).toContain("no teapot");
    expect(service.state).toBe("stopped");
  });

  it("is tried again and again when the others can go on without it, which is said once", async () => {
    const program = `if (!require("node:fs").existsSync("cured")) process.exit(7); ${listening}`;
    const policy = { maxCrashesBeforeReady: 2, steadyMs: 1 };
    const lostWithoutIt = "nobody has tea";
    const { service, directory, givenUp, warnings, log } = await createService(program, policy, {
      lostWithoutIt,
    });
    await service.start();
    expect(service.state).not.toBe("ready");
    const runs = new Set<number | null>();
    await vi.waitFor(() => expect(runs.add(service.pid).size).toBeGreaterThan(4), {
      timeout: 20_000,
      interval: 1,
    });
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toContain(
      "ended 2 times in a row (exit status 7). Until it runs again nobody has tea",
    );
    expect(warnings[1]).toContain(log.path);
    writeFileSync(join(directory, "cured"), "");
    await vi.waitFor(() => expect(warnings[2]).toBe("runs again"), 20_000);
    expect(service.state).toBe("ready");
    expect(givenUp).toEqual([]);
  });

  it("is not given up for being killed often, as long as it starts each time", async () => {
    const { service, givenUp } = await createService(listening, { maxCrashes: 2 });
    await service.start();
    for (let kills = 0; kills < 4; kills += 1) {
      const { pid } = service;
      service.kill();
      await vi.waitFor(() => expect(service.pid).not.toBe(pid), 5000);
      await vi.waitFor(() => expect(service.state).toBe("ready"), 5000);
    }
    expect(givenUp).toEqual([]);
  });

  it("is not given up in development for a change that broke it, and starts at once with the next", async () => {
    const backoffMs = [1, 1, 1, 1, 1, 1, 600_000];
    const policy = { ...developmentCrashPolicy, backoffMs };
    const { service, directory, givenUp, warnings } = await createService(listening, policy);
    const script = join(directory, "main.cjs");
    await service.start();
    writeFileSync(script, "process.exit(7);");
    service.restart("gently");
    await vi.waitFor(() => expect(warnings).toHaveLength(backoffMs.length), 20_000);
    expect(givenUp).toEqual([]);
    writeFileSync(script, listening);
    service.restart("gently");
    await vi.waitFor(() => expect(service.state).toBe("ready"), 20_000);
  });

  it("is not tried again when it refuses its settings", async () => {
    const refusing = `console.error("TEAPOT: not a number"); process.exit(${settingsExitStatus});`;
    const { service, warnings } = await createService(refusing, {}, { lostWithoutIt: "nobody has tea" });
    await expect(service.start()).rejects.toThrow(
      /subject cannot start with its settings.*TEAPOT: not a number/s,
    );
    expect(warnings).toEqual([]);
  });

  it("is given up when it never listens", async () => {
    const { service } = await createService("setInterval(() => {}, 1000)", {
      readyTimeoutMs: 300,
      maxCrashesBeforeReady: 1,
    });
    await expect(service.start()).rejects.toThrow(/not ready after 0.3 s/);
  });

  it("is asked to end, and made to end when it does not", async () => {
    const { service } = await createService(`process.on("SIGTERM", () => {}); ${listening}`, {
      stopTimeoutMs: 100,
    });
    await service.start();
    const { pid } = service;
    await service.stop();
    expect(processStart(pid ?? 0)).toBeNull();
    expect(service.state).toBe("stopped");
  });

  it("takes the processes it started with it", async () => {
    const { service, log } = await createService(
      `console.log("child " + require("node:child_process").spawn("sleep", ["1000"], { env: { PATH: "/usr/bin:/bin" } }).pid); ${listening}`,
    );
    await service.start();
    const child = await vi.waitFor(() => {
      const found = /child (\d+)/.exec(readFileSync(log.path, "utf8"))?.[1];
      const identity = found === undefined ? null : identify(Number(found));
      if (identity === null) throw new Error("not started yet");
      return identity;
    });
    await service.stop();
    await vi.waitFor(() => expect(isRunning(child)).toBe(false));
  });

  it("shows warnings of its log at the terminal, and keeps everything in the file", async () => {
    const { service, log, warnings } = await createService(
      `console.log('{"level":30,"msg":"calm"}'); console.log('{"level":40,"msg":"careful"}'); ${listening}`,
    );
    await service.start();
    await vi.waitFor(() => expect(warnings).toEqual(["careful"]));
    await vi.waitFor(() => expect(readFileSync(log.path, "utf8")).toContain("calm"));
  });

  it("can be restarted on purpose without counting as crashed", async () => {
    const { service, warnings } = await createService(listening, { maxCrashes: 1 });
    await service.start();
    for (const how of ["gently", "abruptly"] as const) {
      const before = service.pid;
      service.restart(how);
      await vi.waitFor(() => expect(service.pid).not.toBe(before), 5000);
      await vi.waitFor(() => expect(service.state).toBe("ready"), 5000);
    }
    expect(warnings).toEqual([]);
  });
});
