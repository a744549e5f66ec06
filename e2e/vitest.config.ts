import { defineConfig } from "vitest/config";

/** The product as people meet it: started as `npm start` starts it, over HTTP, sockets and in a browser. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.spec.ts"],
    setupFiles: ["e2e/testing/tell-of-pages.ts"],
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: "forks",
    // Each suite starts a product of its own; two cores serve one at a time.
    maxWorkers: 1,
    fileParallelism: false,
  },
});
