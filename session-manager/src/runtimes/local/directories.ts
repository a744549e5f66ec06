import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { AgentConfig, AppError, type PlaceId } from "@remote-claude/protocol";

/** What these programs have to say is not kept: a hostile tree could make it endless. */
async function run(command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: "ignore" }), "close");
  if (code !== 0) throw new Error(`${command} ended with code ${code}`);
}

/** Where everything of one place is, on the host. */
export interface PlaceDirectories {
  /** session-manager's own: the record, the log, the synthesized /etc. */
  readonly root: string;
  readonly workspace: string;
  readonly home: string;
  readonly temporary: string;
  readonly etc: string;
  /** `<RUN_DIR>/<place>` */
  readonly run: string;
  readonly in: string;
  readonly out: string;
  readonly agentSocket: string;
}

export function directoriesOf(placesDir: string, runDir: string, placeId: PlaceId): PlaceDirectories {
  const root = join(placesDir, placeId);
  const run = join(runDir, placeId);
  return {
    root,
    workspace: join(root, "workspace"),
    home: join(root, "home"),
    temporary: join(root, "tmp"),
    etc: join(root, "etc"),
    run,
    in: join(run, "in"),
    out: join(run, "out"),
    agentSocket: join(run, "out", "agent.sock"),
  };
}

/** setgid: what others make in them later, such as egress' socket, belongs to the place's group. */
const sharedMode = 0o2770;

/**
 * Makes what is missing and gives it to the place's user. egress may have been here first: then its socket must
 * change group too, and the directory before it, so that none made meanwhile is missed.
 */
export async function prepareDirectories(
  directories: PlaceDirectories,
  owner: { now: number | null; before: number | null },
): Promise<void> {
  const { root, workspace, home, temporary, etc } = directories;
  for (const path of [root, etc]) await mkdir(path, { recursive: true, mode: 0o700 });
  const filled: string[] = [];
  for (const path of [workspace, home]) {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made === undefined) filled.push(path);
    else if (owner.now !== null) await chown(path, owner.now, owner.now);
  }
  await removeTree(temporary);
  await mkdir(temporary, { mode: 0o700 });
  for (const path of [directories.run, directories.in, directories.out]) {
    await mkdir(path, { recursive: true, mode: sharedMode });
    if (owner.now !== null) await chown(path, process.getuid?.() ?? 0, owner.now);
    await chmod(path, sharedMode);
  }
  await rm(directories.agentSocket, { recursive: true, force: true });
  const ownerNow = owner.now ?? process.getuid?.() ?? null;
  const ownerBefore = owner.before ?? process.getuid?.() ?? null;
  if (owner.now !== null) {
    await chown(temporary, owner.now, owner.now);
    await giveEntriesToGroup(directories.in, owner.now);
  }
  if (ownerNow !== null && ownerNow !== ownerBefore && filled.length > 0) {
    // -h and, by default, -P: a symbolic link changes hands itself, what it points to does not.
    await run("chown", ["-R", "-h", `${ownerNow}:${ownerNow}`, "--", ...filled]);
  }
}

/** Looks again until there is nothing left to do: egress renames its socket while it makes one. */
export async function giveEntriesToGroup(directory: string, groupId: number): Promise<void> {
  for (let changed = true; changed; ) {
    changed = false;
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const found = await lstat(path).catch(() => null);
      if (found === null || found.gid === groupId) continue;
      await lchown(path, found.uid, groupId).catch(ignoreMissing);
      changed = true;
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** `in/agent.json`, which only the place's group may read. It takes the directory's group. */
export async function writeAgentConfig(
  directories: Pick<PlaceDirectories, "in">,
  config: AgentConfig,
): Promise<void> {
  const path = join(directories.in, "agent.json");
  await rm(`${path}.new`, { force: true });
  await writeFile(`${path}.new`, JSON.stringify(config), { mode: 0o640, flag: "wx" });
  await chmod(`${path}.new`, 0o640);
  await rename(`${path}.new`, path);
}

/** Whether the agent that was started last got this key and this secret. */
export async function holdsCredentials(
  directories: Pick<PlaceDirectories, "in">,
  wanted: AgentConfig,
): Promise<boolean> {
  try {
    const held = AgentConfig.parse(JSON.parse(await readFile(join(directories.in, "agent.json"), "utf8")));
    return held.apiPublicKey === wanted.apiPublicKey && held.placeSecret === wanted.placeSecret;
  } catch {
    return false;
  }
}

/**
 * Deletes a tree that a session has filled: it may be huge, deeper than a path can be long, hold directories that
 * forbid everything, and links that lead out (which are deleted, not followed). `rm` walks by file descriptors and
 * so copes with all but the modes.
 */
export async function removeTree(path: string): Promise<void> {
  if (!(await exists(path))) return;
  const remove = () => run("rm", ["-rf", "--", path]).catch(() => undefined);
  await remove();
  if (!(await exists(path))) return;
  await run("chmod", ["-R", "u+rwx", "--", path]).catch(() => undefined);
  await remove();
  if (await exists(path)) throw new AppError("internal", "some files of the session could not be deleted");
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
