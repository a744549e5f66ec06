import { chmod, chown, mkdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PlaceId } from "@remote-claude/protocol";
import { exists, giveEntriesToGroup, removeTree } from "../local/directories.ts";
import { ownUserId } from "../local/isolation.ts";
import type { Helper } from "./helper.ts";

/** `<run>/<place>`: all of it that the Docker runtime keeps outside the engine. */
export interface RunDirectory {
  readonly run: string;
  readonly in: string;
  readonly out: string;
  readonly agentSocket: string;
  /** As the engine's host sees `run`. */
  readonly hostRun: string;
}

export function runDirectoryOf(runDir: string, hostRunDir: string, placeId: PlaceId): RunDirectory {
  const run = join(runDir, placeId);
  const out = join(run, "out");
  return {
    run,
    in: join(run, "in"),
    out,
    agentSocket: join(out, "agent.sock"),
    hostRun: `${hostRunDir}/${placeId}`,
  };
}

/**
 * Makes what is missing, and answers the group by which the session uses its sockets. egress may have been here
 * first. Where everything is root's, the place gets a group of its own: root's is not for sessions.
 */
export async function prepareRunDirectory(directory: RunDirectory, placeId: PlaceId): Promise<number> {
  for (const path of [directory.run, directory.in, directory.out]) {
    // mkdir heeds the umask; made by egress, it has its mode already and may not be ours to change.
    if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, 0o2770);
  }
  const { gid } = await stat(directory.run);
  if (gid !== 0) return gid;
  const own = ownUserId(placeId);
  for (const path of [directory.run, directory.in, directory.out]) {
    await chown(path, 0, own);
    await chmod(path, 0o2770);
  }
  await giveEntriesToGroup(directory.in, own);
  return own;
}

/**
 * Opens `out` for the agent that is about to listen there. It is made anew where it is not ours (an earlier release
 * let egress make it): only its owner can close it.
 */
export async function openOut(directory: RunDirectory, helper: Helper): Promise<void> {
  const { uid, gid } = await stat(directory.out);
  if (uid !== process.geteuid?.()) {
    await emptyByHelper(directory, helper);
    await rmdir(directory.out);
    await mkdir(directory.out);
    if ((await stat(directory.out)).gid !== gid) await chown(directory.out, -1, gid);
  }
  await chmod(directory.out, 0o2770);
  await emptyOut(directory, helper);
}

/**
 * Once its agent listens, a session writes nothing more there: what lies beside the socket would be on the server's
 * disk, without a limit. Where session-manager has the session's own user number (on a laptop), it can undo that.
 */
export const closeOut = (directory: RunDirectory): Promise<void> => chmod(directory.out, 0o2750);

const emptyScript = "find /out -mindepth 1 -delete";

/** Clears what an earlier agent left where the new one will listen: the session may have put anything there. */
async function emptyOut(directory: RunDirectory, helper: Helper): Promise<void> {
  await rm(directory.agentSocket, { recursive: true, force: true }).catch(() => undefined);
  if (await exists(directory.agentSocket)) await emptyByHelper(directory, helper);
}

/** Files of the session's user may be in directories that nobody else may change. */
export async function removeRunDirectory(directory: RunDirectory, helper: Helper): Promise<void> {
  try {
    await removeTree(directory.run);
  } catch {
    await emptyByHelper(directory, helper);
    await removeTree(directory.run);
  }
}

async function emptyByHelper({ hostRun }: RunDirectory, helper: Helper): Promise<void> {
  await helper.run({
    script: emptyScript,
    args: [],
    mounts: [{ Type: "bind", Source: `${hostRun}/out`, Target: "/out", ReadOnly: false }],
    capabilities: ["DAC_OVERRIDE"],
  });
}
