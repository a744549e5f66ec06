import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./product.ts";

const run = promisify(execFile);

/** A real project with tests of its own, as npm delivered it: minimist, in a folder of its own. */
export interface Project {
  readonly folder: string;
  readonly version: string;
  /** A bare repository of it, with a branch `next` besides `main`. */
  makeRepository(path: string): Promise<void>;
  /** A .tar.gz or .zip of it. */
  makeArchive(kind: "tar.gz" | "zip"): Promise<Buffer>;
  remove(): Promise<void>;
}

export async function makeProject(): Promise<Project> {
  const parent = await mkdtemp(join(tmpdir(), "rc-project-"));
  const folder = join(parent, "minimist");
  await cp(join(root, "node_modules/minimist"), folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  // Of its development tools only the test runner: the linters' packages are not installed here.
  manifest.devDependencies = { tape: manifest.devDependencies.tape };
  manifest.scripts = { test: "tape 'test/*.js'" };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, "\t")}\n`);
  await writeFile(join(folder, ".gitignore"), "node_modules/\n");
  return {
    folder,
    version: manifest.version,
    async makeRepository(path) {
      const identity = ["-c", "user.name=E2E", "-c", "user.email=e2e@example.org", "-c", "safe.directory=*"];
      const git = (...args: string[]) => run("git", [...identity, "-C", folder, ...args]);
      await git("init", "--quiet", "--initial-branch=main");
      await git("add", "--all");
      await git("commit", "--quiet", "--message=As it was published");
      await git("checkout", "--quiet", "-b", "next");
      await writeFile(join(folder, "NEXT.md"), "What comes next.\n");
      await git("add", "--all");
      await git("commit", "--quiet", "--message=What comes next");
      await git("checkout", "--quiet", "main");
      await git("clone", "--quiet", "--bare", folder, path);
      await rm(join(folder, ".git"), { recursive: true });
    },
    async makeArchive(kind) {
      const path = join(parent, `archive.${kind}`);
      if (kind === "zip") await run("zip", ["-q", "-r", path, "."], { cwd: folder });
      else await run("tar", ["-czf", path, "-C", folder, "."]);
      return readFile(path);
    },
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}
