/**
 * `npm test`: installs what is missing, builds what is stale, then the checks, the unit suites and the end-to-end
 * suites. Every suite runs whatever another one finds. At the end stand the tests that were skipped, that passed only
 * when they ran again, and that failed; the last line is "N passed, N failed, N skipped".
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

const failure = (name, reason) => ({ name, file: null, state: "failed", reason });

/** Runs one vitest configuration, or some files of it, in a process of its own, and reads the result of each test. */
async function runVitest({ name, config }, files = []) {
  const resultsFile = join(resultsFolder, `${name}.json`);
  rmSync(resultsFile, { force: true });
  const args = [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    `--config=${join(root, config)}`,
    `--root=${root}`,
    "--reporter=default",
    `--reporter=${join(root, "scripts/lib/vitest-reporter.mjs")}`,
    ...files,
  ];
  const env = { ...process.env, TEST_RESULTS_FILE: resultsFile, ...(soak ? { SOAK: "1" } : {}) };
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
  const results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, "utf8")) : [];
  // vitest has reasons to fail of its own.
  const unexplained = code !== 0 && results.every(({ state }) => state !== "failed");
  return unexplained ? [...results, failure(name, `vitest ended with ${code}`)] : results;
}

/**
 * Runs a suite. The files in which something failed run once more, by themselves, when they are few: what passes then
 * failed for its timing, not for its code, and is named in the summary as unsteady, to be mended.
 */
async function runSuite(suite) {
  const first = await runVitest(suite);
  const failed = first.filter(({ state }) => state === "failed");
  const files = [...new Set(failed.map(({ file }) => file))];
  if (files.length === 0 || files.length > 5 || files.includes(null)) return first;
  console.log(`\n● ${suite.name}: ${files.join(", ")} once more`);
  const second = await runVitest(suite, files);
  const stillFailed = new Set(second.filter(({ state }) => state === "failed").map(({ name }) => name));
  const unsteady = failed
    .filter(({ name }) => !stillFailed.has(name))
    .map((result) => ({ ...result, state: "unsteady" }));
  return [...first.filter(({ file }) => !files.includes(file)), ...second, ...unsteady];
}

/** Builds and checks first: suites that start the product need the one, and people read the other. */
async function runChecks() {
  const { build } = await import("./build.mjs");
  await build();
  const { check } = await import("./check.mjs");
  const { passed, failed } = await check();
  return [
    ...passed.map((name) => ({ name, state: "passed" })),
    ...failed.map((name) => failure(name, "see above")),
  ];
}

const count = (results, wanted) => results.filter(({ state }) => state === wanted).length;
const sentence = (results) =>
  ["passed", "failed", "skipped"].map((state) => `${count(results, state)} ${state}`).join(", ");

async function main() {
  const all = [];
  const lines = [];
  const parts = [
    { name: "checks", run: runChecks },
    ...suites
      .filter(({ config }) => existsSync(join(root, config)))
      .map((suite) => ({ name: suite.name, run: () => runSuite(suite) })),
  ];
  for (const { name, run } of parts) {
    const startedAt = performance.now();
    console.log(`\n● ${name}`);
    let results;
    try {
      results = await run();
    } catch (error) {
      console.log(`✗ ${error.message}${error.output ? `\n${error.output}` : ""}`);
      results = [failure(name, error.message)];
    }
    all.push(...results);
    lines.push(`  ${name}: ${sentence(results)} (${formatDuration(performance.now() - startedAt)})`);
  }
  console.log("");
  for (const wanted of ["skipped", "unsteady", "failed"]) {
    for (const { name, state, reason } of all)
      if (state === wanted) console.log(`${state}: ${name} (${reason})`);
  }
  for (const line of lines) console.log(line);
  process.exitCode = count(all, "failed") === 0 ? 0 : 1;
  console.log(sentence(all));
}

try {
  if (await bootstrap(fileURLToPath(import.meta.url))) await main();
} catch (error) {
  // Said before the summary, which stays the last line.
  process.on("exit", () => console.log("0 passed, 1 failed, 0 skipped"));
  endWith(error);
}
