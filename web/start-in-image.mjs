/**
 * Starts the web process where only what Next's "standalone" output holds is there: the configuration is taken as the
 * build resolved it, because the parts of Next that read next.config.mjs are left out.
 */
import { readFileSync } from "node:fs";

const { config } = JSON.parse(
  readFileSync(new URL("../.next/required-server-files.json", import.meta.url), "utf8"),
);
process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(config);
// Beside it in the image alone.
await import(new URL("./main.js", import.meta.url).href);
