import { execFile, spawn } from "node:child_process";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** As whom Postgres runs. It refuses to run as root. */
export interface Account {
  /** undefined: as ourselves. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** Its folders lie below one that only root may enter (/root, say). */
  readonly needsPassage: boolean;
}

/**
 * Ourselves, unless we are root: then whoever owns the data directory that is there, else the machine's `postgres`,
 * made when there is none, or else `nobody`. `program` must be reachable for it too.
 */
export async function chooseAccount(dataDir: string, program: string): Promise<Account> {
  const owner = await ownerOf(dataDir);
  const us = process.geteuid?.();
  if (us !== 0) {
    if (owner !== undefined && owner.uid !== us) {
      throw new Error(`${dataDir} belongs to another user (uid ${owner.uid}): start as that one, or as root`);
    }
    return { ids: undefined, needsPassage: false };
  }
  const ids =
    (owner?.uid === 0 ? undefined : owner) ??
    (await lookUp("postgres")) ??
    (await makePostgresUser()) ??
    (await lookUp("nobody"));
  if (ids === undefined) {
    throw new Error(
      "Postgres does not run as root, and there is no user `postgres` or `nobody` to run it as: make one (useradd --system postgres), or start as an ordinary user",
    );
  }
  const reachable = await Promise.all([dataDir, program].map((path) => canReach(path, ids)));
  return { ids, needsPassage: reachable.includes(false) };
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function makePostgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  const attempts: [string, string[]][] = [
    ["useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"]],
    ["adduser", ["-S", "-D", "-H", "-s", "/sbin/nologin", "postgres"]],
  ];
  for (const [command, args] of attempts) {
    try {
      await run(command, args);
      return await lookUp("postgres");
    } catch {
      // The next one, or the caller's next choice.
    }
  }
  return undefined;
}

/** Whether the account may enter every folder above `path`. */
async function canReach(path: string, ids: { uid: number; gid: number }): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** How to start a program as that account: command and arguments for spawn, and its options. */
export async function asAccount(
  account: Account,
  command: string,
  args: readonly string[],
): Promise<{ command: string; args: string[]; options: { uid?: number; gid?: number } }> {
  if (account.ids === undefined) return { command, args: [...args], options: {} };
  if (!account.needsPassage) return { command, args: [...args], options: account.ids };
  // Keeps one capability beyond the change of user, to pass the folders that only root may enter. Widening their
  // modes instead would open root's home to everyone on the machine.
  const setpriv = await findSetpriv();
  if (setpriv === undefined) {
    throw new Error(
      "Postgres does not run as root, and its user cannot enter the data directory or node_modules: move both to a folder that every user may enter, or install util-linux (setpriv)",
    );
  }
  const { uid, gid } = account.ids;
  const passage = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  const user = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  return { command: setpriv, args: [...user, ...passage, "--", command, ...args], options: {} };
}

async function findSetpriv(): Promise<string | undefined> {
  for (const path of ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv", "/sbin/setpriv"]) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return undefined;
}

/** The little that Postgres needs of an environment. C messages, so that the log's severities can be read. */
export const plainEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Runs a program as the account to its end; throws with what it said when it fails. */
export async function runAs(account: Account, command: string, args: readonly string[]): Promise<void> {
  const start = await asAccount(account, command, args);
  const child = spawn(start.command, start.args, {
    ...start.options,
    cwd: "/",
    env: plainEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code ?? signal}: ${output.trim()}`));
    });
  });
}
