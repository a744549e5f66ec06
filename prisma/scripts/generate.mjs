/**
 * Makes the database client (src/generated) from schema.prisma, without a network, and only when the schema or
 * Prisma changed. Plain Node without dependencies beyond `prisma` itself; `node prisma/scripts/generate.mjs`, or
 * `import { generateClient }`.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));
const schema = join(folder, "schema.prisma");
const stampFile = join(folder, "src/generated/.stamp");
const require = createRequire(import.meta.url);

/**
 * @param {{ force?: boolean }} [options]
 * @returns {Promise<boolean>} whether anything was made
 */
export async function generateClient({ force = false } = {}) {
  const manifest = require.resolve("prisma/package.json");
  const { version, bin } = JSON.parse(readFileSync(manifest, "utf8"));
  const stamp = createHash("sha256").update(version).update(readFileSync(schema)).digest("hex");
  if (!force && readIfThere(stampFile) === stamp) return false;
  await run(process.execPath, [join(manifest, "..", bin.prisma), "generate", "--schema", schema]);
  writeFileSync(stampFile, stamp);
  return true;
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function run(command, args) {
  // The schema engine is not needed for this, and would be downloaded from a host that is no package registry.
  const env = {
    // biome-ignore lint/style/noProcessEnv: a child's environment, handed on whole
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true",
    CHECKPOINT_DISABLE: "1",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`prisma generate ended with ${code}:\n${output}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = await generateClient({ force: process.argv.includes("--force") });
  process.stdout.write(made ? "database client made\n" : "database client is up to date\n");
}
