import { once } from "node:events";
import { lstat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@remote-claude/protocol";

/**
 * A connection to what listens there. The session may have put anything in its `out` directory: what is no socket,
 * a link to another place's included, is refused. (The handshake of api and agent settles who it is.)
 */
export async function connectToAgent(path: string): Promise<Socket> {
  try {
    if (!(await lstat(path)).isSocket()) throw new Error("it is not a socket");
    const socket = connect(path);
    await once(socket, "connect");
    return socket;
  } catch (cause) {
    throw new AppError("agent_unreachable", "the session's agent does not answer", { cause });
  }
}

type Readiness = "ready" | "ended" | "timeout";

/** Somebody waits for a session: an agent that starts as it should is looked for often. */
const startsWithinMs = 1_000;
const firstPauseMs = 2;
const laterPauseMs = 50;

/** Waits until the agent takes connections, has ended, or has had its time. */
async function waitForAgent(options: {
  path: string;
  isAlive: () => boolean;
  timeoutMs: number;
}): Promise<Readiness> {
  const startedAt = performance.now();
  for (;;) {
    const socket = await connectToAgent(options.path).catch(() => null);
    if (socket !== null) {
      socket.destroy();
      return "ready";
    }
    if (!options.isAlive()) return "ended";
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > options.timeoutMs) return "timeout";
    await delay(waitedMs < startsWithinMs ? firstPauseMs : laterPauseMs);
  }
}

/** Answers when the agent takes connections; otherwise throws what it said last. */
export async function untilReady(options: {
  readonly path: string;
  readonly isAlive: () => boolean;
  readonly timeoutMs: number;
  readonly lastWords: () => string | Promise<string>;
}): Promise<void> {
  const readiness = await waitForAgent(options);
  if (readiness === "ready") return;
  const said = await options.lastWords();
  const last = said === "" ? "It said nothing." : `It said last: ${said}`;
  if (readiness === "ended") throw new AppError("unavailable", `The session's agent ended at once. ${last}`);
  const seconds = Math.round(options.timeoutMs / 1000);
  throw new AppError("timeout", `The session's agent was not ready after ${seconds} s. ${last}`);
}
