import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isRunning } from "../embedded/leftovers.ts";
import {
  isOurs,
  type KeeperGreeting,
  type KeeperReply,
  type KeeperRequest,
  meetingPoint,
} from "./meeting-point.ts";

/** The connection to the keeper; it drops what this one created when it closes, however it closes. */
export interface Keeper {
  readonly greeting: KeeperGreeting;
  ask(request: KeeperRequest): Promise<KeeperReply>;
  close(): void;
}

/** Connects to the keeper that runs, or null. */
export async function findKeeper(link = meetingPoint()): Promise<Keeper | null> {
  if (!isOurs(link)) return null;
  const socket = connect(join(link, "keeper.sock"));
  const replies = linesOf(socket);
  const greeting = await replies.next();
  if (greeting === null) return null;
  // Never the reason that a finished test process stays.
  socket.unref();
  return {
    greeting: JSON.parse(greeting) as KeeperGreeting,
    async ask(request) {
      socket.ref();
      socket.write(`${request}\n`);
      const line = await replies.next();
      socket.unref();
      if (line === null) throw new Error("the keeper of the test databases ended");
      const reply = JSON.parse(line) as KeeperReply;
      if ("error" in reply) throw new Error(reply.error);
      return reply;
    },
    close: () => socket.destroy(),
  };
}

/** Lines in order; null once the socket closed. */
function linesOf(socket: Socket): { next(): Promise<string | null> } {
  const lines: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  let closed = false;
  const reader = createInterface({ input: socket });
  // The interface repeats the socket's errors.
  reader.on("error", () => undefined);
  reader.on("line", (line) => {
    const first = waiting.shift();
    if (first === undefined) lines.push(line);
    else first(line);
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
    for (const resolve of waiting.splice(0)) resolve(null);
  });
  return {
    next() {
      const line = lines.shift();
      if (line !== undefined || closed) return Promise.resolve(line ?? null);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** Connects to the keeper, and starts it when there is none. */
export async function ensureKeeper(): Promise<Keeper> {
  const link = meetingPoint();
  const lock = `${link}.lock`;
  const log = `${link}.log`;
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const keeper = await findKeeper(link);
    if (keeper !== null) return keeper;
    if (takeLock(lock)) {
      try {
        return await startKeeper(link, log, deadline);
      } finally {
        rmSync(lock, { force: true });
      }
    }
    await clearDeadLock(lock);
    await pause();
  }
  throw new Error("the keeper of the test databases did not start in time");
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 15));

async function startKeeper(link: string, log: string, deadline: number): Promise<Keeper> {
  const found = await findKeeper(link);
  if (found !== null) return found;
  const output = openSync(log, "w", 0o600);
  const child = spawn(process.execPath, [fileURLToPath(new URL("keeper-main.ts", import.meta.url)), link], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  child.unref();
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  while (performance.now() < deadline && !ended) {
    const keeper = await findKeeper(link);
    if (keeper !== null) {
      rmSync(log, { force: true });
      return keeper;
    }
    await pause();
  }
  throw new Error(`the keeper of the test databases did not start: ${readFileSync(log, "utf8")}`);
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function clearDeadLock(lock: string): Promise<void> {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Empty: written this very moment.
    if (pid > 0 && !(await isRunning(pid))) rmSync(lock, { force: true });
  } catch {
    // Gone meanwhile.
  }
}
