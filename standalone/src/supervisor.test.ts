import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { freePorts } from "./ports.ts";
import { isRunning, type ProcessIdentity } from "./process-identity.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const patience = { timeout: 40_000, interval: 50 };

/** A folder like the project's, in which one small program stands in for every service. */
function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "root-"));
  const fixture = join(repository, "standalone/src/testing/fixture-service.mjs");
  for (const service of ["api", "egress", "session-manager", "web"]) {
    const script = `${service}/dist/main.js`;
    mkdirSync(join(root, script, ".."), { recursive: true });
    cpSync(fixture, join(root, script));
    writeFileSync(join(root, script, "../package.json"), '{"type":"module"}');
  }
  symlinkSync(join(repository, "prisma"), join(root, "prisma"));
  return root;
}

interface Run {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly url: string;
  output(): string;
  ready(): Promise<void>;
  exit(): Promise<number | null>;
  ask(path: string): Promise<Record<string, string>>;
  /** The processes of the services, as the supervisor wrote them down. */
  processes(): ProcessIdentity[];
}

const runs: Run[] = [];

async function start(
  options: { dataDir?: string; env?: Record<string, string>; root?: string } = {},
): Promise<Run> {
  const [port = 0] = await freePorts(1);
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "d-"));
  const child = spawn(
    process.execPath,
    [join(repository, "standalone/src/testing/run.ts"), options.root ?? makeRoot()],
    {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: String(port),
        REMOTE_CLAUDE_DATA_DIR: dataDir,
        CLAUDE_BINARY: "/bin/true",
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = `http://localhost:${port}`;
  const run: Run = {
    child,
    dataDir,
    url,
    output: () => output,
    ready: () =>
      vi.waitFor(() => {
        if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
        expect(output).toContain("Ctrl-C");
      }, patience),
    exit: () => ended,
    ask: async (path) => (await (await fetch(`${url}${path}`)).json()) as Record<string, string>,
    processes: () => Object.values(JSON.parse(readFileSync(join(dataDir, "services.json"), "utf8"))),
  };
  runs.push(run);
  return run;
}

afterEach(async () => {
  for (const { child, exit, dataDir } of runs.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exit();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** Processes whose command line or working directory names the data directory: nothing of a run may be left. */
function processesOn(dataDir: string): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(dataDir);
      } catch {
        return false;
      }
    });
}

describe("the supervisor", { timeout: 120_000 }, () => {
  it("starts everything, prints one sign-in link, and leaves nothing behind when asked to stop", async () => {
    const run = await start();
    await run.ready();
    expect(run.output()).toContain(`${run.url}/sign-in/link#one-time-token`);
    expect(run.output().match(/#one-time-token/g)).toHaveLength(1);
    expect(run.output()).toContain("ANTHROPIC_API_KEY");
    expect((await run.ask("/api/anything")).name).toBe("api");
    expect((await run.ask("/anything")).url).toBe("/anything");
    const processes = run.processes();
    expect(processes).toHaveLength(4);
    run.child.kill("SIGINT");
    expect(await run.exit()).toBe(0);
    expect(processes.filter(isRunning)).toEqual([]);
    expect(processesOn(run.dataDir)).toEqual([]);
    expect(readdirSync(run.dataDir)).not.toContain("supervisor.json");
  });

  it("gives each service only what it needs: the model key goes to egress alone", async () => {
    const run = await start({
      env: { ANTHROPIC_API_KEY: "sk-not-for-all", ADMIN_PASSWORD: "for-the-api", UNRELATED: "x" },
    });
    await run.ready();
    const api = await run.ask("/api/environment");
    const web = await run.ask("/environment");
    expect(api.ADMIN_PASSWORD).toBe("for-the-api");
    for (const environment of [api, web]) {
      expect(environment.ANTHROPIC_API_KEY).toBeUndefined();
      expect(environment.UNRELATED).toBeUndefined();
    }
    expect(web.DATABASE_URL).toBeUndefined();
    expect(web.ADMIN_PASSWORD).toBeUndefined();
    const egress = await (await fetch(`${api.EGRESS_URL}/environment`)).json();
    expect(egress).toMatchObject({ ANTHROPIC_API_KEY: "sk-not-for-all" });
    const manager = await (await fetch(`${api.MANAGER_URL}/environment`)).json();
    expect(manager).toMatchObject({ END_LEFTOVERS: "true", STOP_PLACES_ON_EXIT: "true" });
    expect(manager).not.toHaveProperty("DATABASE_URL");
    expect(readFileSync(join(run.dataDir, "logs/api.log"), "utf8")).not.toContain("sk-not-for-all");
  });

  it("refuses a second start on the same data directory, and says where the first one is", async () => {
    const first = await start();
    await first.ready();
    const second = await start({ dataDir: first.dataDir });
    expect(await second.exit()).toBe(1);
    expect(second.output()).toContain(`process ${first.child.pid}, at ${first.url}`);
    expect((await first.ask("/api/x")).name).toBe("api");
    runs.pop();
  });

  it("names a taken port before anything is started", async () => {
    const first = await start();
    await first.ready();
    const second = await start({ env: { PORT: new URL(first.url).port } });
    expect(await second.exit()).toBe(1);
    expect(second.output()).toContain(`Port ${new URL(first.url).port} is taken`);
    expect(readdirSync(second.dataDir)).not.toContain("postgres");
  });

  it("starts a crashed service again, and the database too", async () => {
    const run = await start();
    await run.ready();
    const before = (await run.ask("/api/pid")).pid;
    await run.ask("/api/crash").catch(() => undefined);
    await vi.waitFor(async () => expect((await run.ask("/api/pid")).pid).not.toBe(before), patience);
    const postgres = () =>
      Number(readFileSync(join(run.dataDir, "postgres/postmaster.pid"), "utf8").split("\n")[0]);
    const oldPostgres = postgres();
    process.kill(oldPostgres, "SIGKILL");
    await vi.waitFor(() => expect(postgres()).not.toBe(oldPostgres), patience);
    expect(run.child.exitCode).toBeNull();
    run.child.kill("SIGTERM");
    expect(await run.exit()).toBe(0);
    expect(processesOn(run.dataDir)).toEqual([]);
  });

  it("stops everything when the api cannot be kept running, with a last line that names it", async () => {
    const root = makeRoot();
    writeFileSync(join(root, "api/dist/main.js"), `console.error("no teapot here"); process.exit(9);`);
    const run = await start({ root });
    expect(await run.exit()).toBe(1);
    expect(run.output()).toContain("✖ api ended 2 times in a row (exit status 9)");
    expect(run.output()).toContain("no teapot here");
    expect(run.output()).toContain(join(run.dataDir, "logs/api.log"));
    expect(processesOn(run.dataDir)).toEqual([]);
  });

  it.each(["egress", "web", "session-manager"])("goes on without %s, and says so", async (service) => {
    const root = makeRoot();
    writeFileSync(join(root, `${service}/dist/main.js`), "process.exit(9);");
    const run = await start({ root });
    await run.ready();
    expect(run.output()).toMatch(new RegExp(`${service}: ended 2 times in a row \\(exit status 9\\)`));
    expect(run.output()).toContain(join(run.dataDir, `logs/${service}.log`));
    expect((await run.ask("/api/x")).name).toBe("api");
    run.child.kill("SIGTERM");
    expect(await run.exit()).toBe(0);
    expect(processesOn(run.dataDir)).toEqual([]);
  });

  it("takes its services along when it is killed, even one that hears nothing", async () => {
    const first = await start();
    await first.ready();
    const processes = first.processes();
    void fetch(`${first.url}/api/hang`).catch(() => undefined);
    await vi.waitFor(() =>
      expect(fetch(`${first.url}/api/pid`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(),
    );
    first.child.kill("SIGKILL");
    await first.exit();
    await vi.waitFor(() => expect(processes.filter(isRunning)).toHaveLength(1), patience);
    const second = await start({ dataDir: first.dataDir });
    await second.ready();
    expect(processes.filter(isRunning)).toEqual([]);
  });

  it("can be stopped while it starts", async () => {
    const run = await start();
    await vi.waitFor(() => expect(readdirSync(run.dataDir)).toContain("supervisor.json"), patience);
    run.child.kill("SIGTERM");
    expect(await run.exit()).toBe(0);
    expect(processesOn(run.dataDir)).toEqual([]);
    expect(readdirSync(run.dataDir)).not.toContain("supervisor.json");
  });
});
