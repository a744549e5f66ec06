/**
 * `npm run check`: format, lint, types, boundaries, sizes, documents, settings; with `--tests` the unit suites too.
 * Every check runs, whatever another one finds; the end says which failed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootstrap, root } from "./lib/bootstrap.mjs";
import { checkCompose } from "./lib/check-compose.mjs";
import { checkDocumentPaths, checkEnvironment, checkSizes, projectFiles } from "./lib/checks.mjs";
import { endWith, Failure, formatDuration } from "./lib/progress.mjs";
import { run } from "./lib/run.mjs";

const program = (path, ...args) => [join(root, "node_modules", path), ...args];
const workspaces = [
  "protocol",
  "service",
  "prisma",
  "api",
  "session-manager",
  "session-image/agent",
  "egress",
  "web",
  "standalone",
  "e2e",
  "bench",
];

const { FORCE_COLOR: _, ...plain } = process.env;

function runs(what, args) {
  return async () => {
    await run(process.execPath, args, { cwd: root, what, env: plain, guess: false });
  };
}

function finds(check) {
  return async () => {
    const problems = check();
    if (problems.length > 0) throw new Failure(`${problems.length} found`, { output: problems.join("\n") });
  };
}

const files = () => projectFiles(root);

/** The documents that are made from the code are as the code would make them now. */
async function generatedDocuments() {
  const { staleDocuments } = await import("./docs.mjs");
  const stale = await staleDocuments();
  if (stale.length > 0) {
    throw new Failure(`${stale.join(", ")}: not what the code says now`, { hint: "node scripts/docs.mjs" });
  }
}

const checks = [
  [
    "format and lint",
    runs("biome", program("@biomejs/biome/bin/biome", "check", "--diagnostic-level=error", ".")),
  ],
  ["types", runs("tsc", program("typescript/bin/tsc", "-p", "tsconfig.json", "--pretty", "false"))],
  [
    "types of web",
    runs("tsc", program("typescript/bin/tsc", "-p", "web/tsconfig.json", "--noEmit", "--pretty", "false")),
  ],
  [
    "boundaries",
    runs(
      "dependency-cruiser",
      program(
        "dependency-cruiser/bin/dependency-cruiser.mjs",
        "--config",
        ".dependency-cruiser.cjs",
        "--output-type",
        "err-long",
        ...workspaces,
      ),
    ),
  ],
  ["file sizes", finds(() => checkSizes(root, files()))],
  ["paths in documents", finds(() => checkDocumentPaths(root, files()))],
  ["settings and .env.example", finds(() => checkEnvironment(root))],
  ["settings and docker-compose.yml", finds(() => checkCompose(root))],
  ["generated documents", generatedDocuments],
];

/** Runs every check and says how each went; gives back the names of those that passed and failed. */
export async function check() {
  const counts = { passed: [], failed: [] };
  // Two at a time: most of them keep one processor busy.
  const waiting = [...checks];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, action] = next;
      const startedAt = performance.now();
      try {
        await action();
        counts.passed.push(name);
        console.log(`✓ ${name} (${formatDuration(performance.now() - startedAt)})`);
      } catch (error) {
        counts.failed.push(name);
        console.log(`✗ ${name}: ${error.message}`);
        if (error.output) console.log(error.output.trimEnd().replace(/^/gm, "  │ "));
        if (error.hint) console.log(`  ${error.hint}`);
      }
    }
  };
  await Promise.all([work(), work()]);
  return counts;
}

async function main() {
  const { build } = await import("./build.mjs");
  // Types come from the database client too.
  if (existsSync(join(root, "prisma/schema.prisma"))) await build({ only: ["database-client"] });
  const { failed, passed } = await check();
  console.log(
    failed.length === 0
      ? `● All ${passed.length} checks passed`
      : `● ${failed.length} of ${passed.length + failed.length} checks failed`,
  );
  if (failed.length > 0) process.exitCode = 1;
  if (process.argv.includes("--tests")) {
    await run(process.execPath, program("vitest/vitest.mjs", "run"), {
      cwd: root,
      what: "The unit tests",
      inherit: true,
    });
  }
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script) {
  try {
    if (await bootstrap(script)) await main();
  } catch (error) {
    endWith(error);
  }
}
