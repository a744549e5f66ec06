import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, lchown, lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AgentConfig, AppError, type PlaceId } from "@remote-claude/protocol";

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
  for (const path of [root, workspace, home, etc]) await mkdir(path, { recursive: true, mode: 0o700 });
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
    for (const name of await readdir(directories.in))
      await giveToGroup(join(directories.in, name), owner.now);
  }
  if (ownerNow !== null && ownerNow !== ownerBefore) {
    // -h and, by default, -P: a symbolic link changes hands itself, what it points to does not.
    await run("chown", ["-R", "-h", `${ownerNow}:${ownerNow}`, "--", workspace, home]);
  }
}

async function giveToGroup(path: string, groupId: number): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found !== null) await lchown(path, found.uid, groupId);
}

/** `in/agent.json`, which only the place's group may read. It takes the directory's group. */
export async function writeAgentConfig(directories: PlaceDirectories, config: AgentConfig): Promise<void> {
  const path = join(directories.in, "agent.json");
  await rm(`${path}.new`, { force: true });
  await writeFile(`${path}.new`, JSON.stringify(config), { mode: 0o640, flag: "wx" });
  await chmod(`${path}.new`, 0o640);
  await rename(`${path}.new`, path);
}

/**
 * Deletes a tree that a session has filled: it may be huge, deeper than a path can be long, hold directories that
 * forbid everything, and links that lead out (which are deleted, not followed). `rm` walks by file descriptors and
 * so copes with all but the modes.
 */
export async function removeTree(path: string): Promise<void> {
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
