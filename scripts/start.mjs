#!/usr/bin/env node
/**
 * `npm start`: from a clone to the running product. Installs what is missing, finds Node 24, builds what is stale,
 * then becomes the supervisor (standalone/src/main.ts). Plain Node without dependencies: it runs before any is there.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { become, bootstrap, root } from "./lib/bootstrap.mjs";
import { endWith } from "./lib/progress.mjs";

/** In development the supervisor builds the services itself, each time they change. */
const forDevelopment = { only: ["database-client", "standalone", "agent"] };

try {
  if (await bootstrap(fileURLToPath(import.meta.url))) {
    const { build } = await import("./build.mjs");
    await build(process.argv.includes("--dev") ? forDevelopment : {});
    // As the services have it (standalone/src/service.ts): little memory for what is short-lived.
    const flags = ["--max-semi-space-size=2"];
    become(process.execPath, [...flags, join(root, "standalone/dist/main.js"), ...process.argv.slice(2)]);
  }
} catch (error) {
  endWith(error);
}
