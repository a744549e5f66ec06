/**
 * Builds what is stale: the database client, a bundle for each service, the agent and the pages.
 *   node scripts/build.mjs [--force] [target …]
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bootstrap, root } from "./lib/bootstrap.mjs";
import { fingerprint, isFresh, recordBuilt } from "./lib/fingerprint.mjs";
import { endWith, Failure, step } from "./lib/progress.mjs";
import { hintFor } from "./lib/run.mjs";
import { targets } from "./lib/targets.mjs";

/** The targets that must be made anew, with the fingerprint each will be recorded under. */
export function staleTargets(selected = targets, force = false) {
  const stale = [];
  for (const target of selected) {
    const print = fingerprint(root, target.inputs, `${process.platform} ${process.arch} ${process.version}`);
    if (force || !isFresh(root, target.name, print, target.outputs)) stale.push({ target, print });
  }
  return stale;
}

async function make({ target, print }) {
  try {
    await target.make(root);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const output = error instanceof Error ? error.message : String(error);
    throw new Failure(`${target.title} failed`, { output, hint: hintFor(output) });
  }
  recordBuilt(root, target.name, print);
}

/**
 * Builds what is stale among the named targets (all, without names); true if anything was. What does not depend on
 * each other is built at the same time; the bundles take milliseconds, so one line stands for them.
 */
export async function build({ only = targets.map(({ name }) => name), force = false } = {}) {
  const selected = targets.filter(({ name }) => only.includes(name));
  if (staleTargets(selected, force).length === 0) return false;
  const release = await lockBuilds();
  try {
    const stale = staleTargets(selected, force);
    const first = stale.filter(
      ({ target }) => target.after.length === 0 && target.name === "database-client",
    );
    for (const entry of first) await step(entry.target.title, () => make(entry));
    const bundles = stale.filter(({ target }) => target.after.length > 0 || target.name === "agent");
    const names = bundles.map(({ target }) => target.name).join(", ");
    if (bundles.length > 0) await step(`Bundling ${names}`, () => Promise.all(bundles.map(make)));
    for (const entry of stale.filter(({ target }) => target.name === "web")) {
      await step(entry.target.title, () => make(entry));
    }
  } finally {
    release();
  }
  return true;
}

function notWritable(error) {
  const folder = join(root, ".build");
  return new Failure(`Something must be built, but ${folder} cannot be written (${error.code})`, {
    hint:
      hintFor(error.code) ??
      "Start as the user this folder belongs to, or copy the project to a folder of your own.",
  });
}

/** Two starts at once from one folder must not write the same files; the second waits and finds them fresh. */
async function lockBuilds() {
  const path = join(root, ".build", "lock");
  try {
    mkdirSync(join(root, ".build"), { recursive: true });
  } catch (error) {
    throw notWritable(error);
  }
  for (let told = false; ; ) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw notWritable(error);
    }
    const holder = Number(readIfThere(path));
    if (holder > 0 && isAlive(holder)) {
      if (!told) console.log(`● Process ${holder} is building in this folder; waiting for it …`);
      told = true;
      await delay(200);
    } else {
      rmSync(path, { force: true });
    }
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function main() {
  const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const known = targets.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(`No such target: ${unknown.join(", ")}. There are ${known.join(", ")}.`);
  }
  const force = process.argv.includes("--force");
  const built = await build({ force, ...(names.length > 0 ? { only: names } : {}) });
  if (!built) console.log("● Everything is up to date");
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script) {
  try {
    if (await bootstrap(script)) await main();
  } catch (error) {
    endWith(error);
  }
}
