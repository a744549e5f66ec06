import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "./failure.ts";
import { identify, isRunning, ProcessIdentity } from "./process-identity.ts";

/** What the file `supervisor.json` in the data directory says of the one supervisor that uses it. */
const Holder = ProcessIdentity.extend({ url: z.string() });
type Holder = z.infer<typeof Holder>;

/** Makes the data directory, readable by its owner alone, and says clearly why it cannot be used. */
export function ensureDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `The data directory ${path} cannot be used (${code})`,
      code === "ENOSPC"
        ? "The disk is full: free some space and start again."
        : "Set REMOTE_CLAUDE_DATA_DIR to a directory that you can write, or start as the user it belongs to.",
    );
  }
  try {
    chmodSync(path, 0o700);
  } catch {
    throw new Failure(
      `The data directory ${path} belongs to someone else`,
      "Start as the user it belongs to, or set REMOTE_CLAUDE_DATA_DIR to a directory of your own.",
    );
  }
}

/**
 * Takes the data directory for this process; the returned function gives it back. A second supervisor is refused
 * with the first one's pid and URL; what a supervisor that was killed left behind is taken over. `link` makes the
 * file whole and only if there is none, so two that start at once cannot both win.
 */
export function lockDataDirectory(path: string, url: string): () => void {
  const lock = join(path, "supervisor.json");
  const draft = `${lock}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const self = identify(process.pid);
  if (self === null) throw new Failure("This process cannot see itself in /proc", "Is /proc mounted?");
  const mine = JSON.stringify({ ...self, url } satisfies Holder);
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if (tryLink(draft, lock) && readIfThere(lock) === mine) {
        return () => {
          if (readIfThere(lock) === mine) rmSync(lock, { force: true });
        };
      }
      removeStale(lock, path);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Failure(`The lock ${lock} changes hands all the time`, "Is something starting over and over?");
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Refuses if the holder lives; else removes its lock, unless another starter was quicker. */
function removeStale(lock: string, path: string): void {
  const text = readIfThere(lock);
  if (text === null) return;
  const holder = parseHolder(text);
  if (holder !== null && isRunning(holder)) {
    throw new Failure(
      `Remote Claude already runs on ${path}: process ${holder.pid}, at ${holder.url}`,
      `Open that address, stop it first (kill ${holder.pid}), or set REMOTE_CLAUDE_DATA_DIR and PORT for a second one.`,
    );
  }
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  // Between reading and renaming another starter may have put its own lock there: it goes back.
  if (readIfThere(aside) !== text) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function parseHolder(text: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
