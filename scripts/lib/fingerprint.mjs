import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

/** Made by builds, or brought by npm: never inputs. `generated` has inputs of its own. */
const skipped = new Set([
  "node_modules",
  "dist",
  ".next",
  "public",
  ".build",
  "generated",
  "coverage",
  "test-results",
]);

/** Every file under `path` (or `path` itself), sorted; test files do not change what is built. */
export function inputFiles(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const files = [];
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (skipped.has(entry.name) || /\.test\.[a-z]+$|^next-env\.d\.ts$|\.tsbuildinfo$/.test(entry.name))
      continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) files.push(...inputFiles(child));
    else if (entry.isFile()) files.push(child);
  }
  return files.sort();
}

/**
 * A hash over names and contents. Contents, not times: a checkout, a copy or a `touch` builds nothing anew.
 * @param {string} root
 * @param {readonly string[]} inputs files and folders, relative to root
 * @param {string} [salt] what else the result depends on
 */
export function fingerprint(root, inputs, salt = "") {
  const hash = createHash("sha256").update(salt);
  for (const input of inputs) {
    for (const file of inputFiles(join(root, input))) {
      const content = readFileSync(file);
      hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

const recordPath = (root, name) => join(root, ".build", `${name}.json`);

/** Whether `name` was last built from exactly this, and what it made is still there. */
export function isFresh(root, name, print, outputs) {
  try {
    if (JSON.parse(readFileSync(recordPath(root, name), "utf8")).fingerprint !== print) return false;
  } catch {
    return false;
  }
  return outputs.every((output) => existsSync(join(root, output)));
}

/** Remembers what `name` was built from. Called after the build only: a broken build leaves it stale. */
export function recordBuilt(root, name, print) {
  const path = recordPath(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify({ fingerprint: print }));
  renameSync(`${path}.new`, path);
}
