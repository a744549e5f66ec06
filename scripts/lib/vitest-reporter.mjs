/** Writes what `npm test` sums up: the counts, and each skipped test with the reason it gave. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";

export default class SummaryReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const path = process.env.TEST_SUMMARY_FILE;
    if (path === undefined) return;
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const testModule of testModules) {
      // A file that could not be loaded has no tests to fail.
      if (testModule.state() === "failed" && [...testModule.children.allTests("failed")].length === 0) {
        summary.failed += 1;
      }
      for (const test of testModule.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") summary.passed += 1;
        else if (result.state === "failed") summary.failed += 1;
        else {
          const file = relative(process.cwd(), testModule.moduleId);
          summary.skipped.push({
            name: `${file} › ${test.fullName}`,
            reason: result.note ?? "no reason given",
          });
        }
      }
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(summary));
  }
}
