import { defineConfig } from "vitest/config";

/** Unit, service and contract tests. The browser suites of e2e/ have a configuration of their own. */
export default defineConfig({
  test: {
    globalSetup: ["prisma/src/testing/global-setup.ts"],
    setupFiles: ["scripts/testing/patience.ts"],
    include: [
      "{protocol,service,prisma,api,session-manager,egress,standalone,web}/src/**/*.test.ts",
      "session-image/agent/src/**/*.test.ts",
      "e2e/agent-chat/**/*.test.ts",
      "scripts/**/*.test.mjs",
      "deploy/**/*.test.mjs",
    ],
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
