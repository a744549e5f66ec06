/**
 * `npm test`: installs what is missing, builds what is stale, then the checks, the unit suites and the end-to-end
 * suites. Every suite runs whatever another one finds. The last line is "N passed, N failed, N skipped".
 *   --soak   long repetitions (SOAK=1 for the suites)
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootstrap, root } from "./lib/bootstrap.mjs";
import { endWith, formatDuration } from "./lib/progress.mjs";

const resultsFolder = join(root, ".build/test-results");
const soak = process.argv.includes("--soak");

/** The suites that vitest runs, each with its configuration. */
const suites = [
  { name: "unit", config: "vitest.config.ts" },
  { name: "e2e", config: "e2e/vitest.config.ts" },
];

/** Runs one vitest configuration in a process of its own and reads what it counted. */
async function runSuite({ name, config }) {
  const summaryFile = join(resultsFolder, `${name}.json`);
  rmSync(summaryFile, { force: true });
  const args = [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    `--config=${join(root, config)}`,
    `--root=${root}`,
    "--reporter=default",
    `--reporter=${join(root, "scripts/lib/vitest-reporter.mjs")}`,
  ];
  const env = { ...process.env, TEST_SUMMARY_FILE: summaryFile, ...(soak ? { SOAK: "1" } : {}) };
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
  if (!existsSync(summaryFile)) return { passed: 0, failed: 1, skipped: [] };
  const summary = JSON.parse(readFileSync(summaryFile, "utf8"));
  // vitest has reasons to fail of its own: an error outside any test, say.
  return { ...summary, failed: code !== 0 && summary.failed === 0 ? 1 : summary.failed };
}

/** Builds and checks first: suites that start the product need the one, and people read the other. */
async function runChecks() {
  const { build } = await import("./build.mjs");
  await build();
  const { check } = await import("./check.mjs");
  return { ...(await check()), skipped: [] };
}

async function main() {
  const total = { passed: 0, failed: 0, skipped: [] };
  const parts = [
    { name: "checks", run: runChecks },
    ...suites
      .filter(({ config }) => existsSync(join(root, config)))
      .map((suite) => ({ name: suite.name, run: () => runSuite(suite) })),
  ];
  const lines = [];
  for (const { name, run } of parts) {
    const startedAt = performance.now();
    console.log(`\n● ${name}`);
    let counts;
    try {
      counts = await run();
    } catch (error) {
      console.log(`✗ ${error.message}${error.output ? `\n${error.output}` : ""}`);
      counts = { passed: 0, failed: 1, skipped: [] };
    }
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped.push(...counts.skipped);
    const time = formatDuration(performance.now() - startedAt);
    lines.push(
      `  ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped (${time})`,
    );
  }
  console.log("");
  for (const { name, reason } of total.skipped) console.log(`skipped: ${name} (${reason})`);
  for (const line of lines) console.log(line);
  process.exitCode = total.failed === 0 ? 0 : 1;
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
}

try {
  if (await bootstrap(fileURLToPath(import.meta.url))) await main();
} catch (error) {
  // Said before the summary, which stays the last line.
  process.on("exit", () => console.log("0 passed, 1 failed, 0 skipped"));
  endWith(error);
}
