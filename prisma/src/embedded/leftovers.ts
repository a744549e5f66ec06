import { execFile } from "node:child_process";
import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Waits until `done` says so; false when it did not within the time. */
export async function waitUntil(
  done: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 10,
): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (!(await done())) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return true;
}

/** A process that runs: not one that ended and waits for its parent to notice. */
export async function isRunning(pid: number): Promise<boolean> {
  if (process.platform === "linux") {
    const fields = await statOf(pid);
    return fields !== null && fields[0] !== "Z" && fields[0] !== "X";
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Tells a process from a later one with the same id; null where the machine does not say. */
export async function startTimeOf(pid: number): Promise<string | null> {
  return (await statOf(pid))?.[19] ?? null;
}

/** /proc/<pid>/stat from its third field on; the name in the second may hold spaces and parentheses. */
async function statOf(pid: number): Promise<string[] | null> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return line?.slice(line.lastIndexOf(")") + 2).split(" ") ?? null;
}

/** Of postmaster.pid the first line, the fifth, and the state that Postgres writes into the eighth. */
export async function readPidFile(
  dataDir: string,
): Promise<{ pid: number; socketDir: string; ready: boolean } | null> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => null);
  const lines = text?.split("\n") ?? [];
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, socketDir: lines[4]?.trim() ?? "", ready: lines[7]?.trim() === "ready" };
}

/** Is this process a Postgres on that folder? The server's working directory is its data directory. */
async function serves(pid: number, dataDir: string): Promise<boolean> {
  const real = await realpath(dataDir);
  if (process.platform === "linux") {
    return (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === real;
  }
  const { stdout } = await run("ps", ["-p", String(pid), "-o", "command="]).catch(() => ({ stdout: "" }));
  return stdout.includes("postgres") && (stdout.includes(real) || stdout.includes(dataDir));
}

interface Owner {
  readonly pid: number;
  readonly startTime: string | null;
}

export const ownerFile = (dataDir: string) => join(dataDir, "remote-claude.owner");

export async function readOwner(dataDir: string): Promise<Owner | null> {
  const text = await readFile(ownerFile(dataDir), "utf8").catch(() => null);
  try {
    return text === null ? null : (JSON.parse(text) as Owner);
  } catch {
    return null;
  }
}

export const ownerText = async (): Promise<string> =>
  JSON.stringify({ pid: process.pid, startTime: await startTimeOf(process.pid) } satisfies Owner);

/**
 * Makes the folder free for a start: refuses when a living process uses it, ends a server that outlived its
 * owner, and removes the pid file of one that is gone (its number may belong to another program by now).
 */
export async function clearLeftovers(dataDir: string): Promise<void> {
  const file = await readPidFile(dataDir);
  if (file === null) return;
  if ((await isRunning(file.pid)) && (await serves(file.pid, dataDir))) {
    const owner = await readOwner(dataDir);
    if (
      owner !== null &&
      (await isRunning(owner.pid)) &&
      (await startTimeOf(owner.pid)) === owner.startTime
    ) {
      throw new Error(`the database in ${dataDir} is in use by process ${owner.pid}`);
    }
    await endServer(file.pid);
  }
  await rm(join(dataDir, "postmaster.pid"), { force: true });
}

/** Fast shutdown, then immediate (the next start recovers from the log), then by force. */
export async function endServer(pid: number, patienceMs = 15_000): Promise<void> {
  for (const [signal, withinMs] of [
    ["SIGINT", patienceMs],
    ["SIGQUIT", 5_000],
    ["SIGKILL", 5_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await waitUntil(async () => !(await isRunning(pid)), withinMs)) return;
  }
}
