/** Writes what `npm test` sums up: each test with its file, its state, and why it failed or was skipped. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";

/** The first line of what a test or file failed with. */
function reasonOf(errors) {
  return errors[0]?.message?.split("\n")[0].slice(0, 300) ?? "no reason given";
}

export default class SummaryReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const path = process.env.TEST_RESULTS_FILE;
    if (path === undefined) return;
    const results = [];
    for (const error of unhandledErrors) {
      results.push({
        name: "an error outside of any test",
        file: null,
        state: "failed",
        reason: reasonOf([error]),
      });
    }
    for (const testModule of testModules) {
      const file = relative(process.cwd(), testModule.moduleId);
      const tests = [...testModule.children.allTests()];
      // A file that could not be loaded, or whose beginning or end failed, may have no test that did.
      if (testModule.state() === "failed" && tests.every((test) => test.result().state !== "failed")) {
        results.push({ name: file, file, state: "failed", reason: reasonOf(testModule.errors()) });
      }
      for (const test of tests) {
        const { state, errors, note } = test.result();
        const name = `${file} › ${test.fullName}`;
        if (state === "passed") results.push({ name, file, state });
        else if (state === "failed") results.push({ name, file, state, reason: reasonOf(errors ?? []) });
        else results.push({ name, file, state: "skipped", reason: note ?? "no reason given" });
      }
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(results));
  }
}
