#!/usr/bin/env node
/** `npm run audit:verify`: the audit record of this machine's installation against its seals (docs/audit.md). */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { become, bootstrap, root } from "./lib/bootstrap.mjs";
import { endWith } from "./lib/progress.mjs";

try {
  if (await bootstrap(fileURLToPath(import.meta.url))) {
    const { build } = await import("./build.mjs");
    await build({ only: ["database-client", "api", "standalone"] });
    become(process.execPath, [join(root, "standalone/dist/verify-audit.js"), ...process.argv.slice(2)]);
  }
} catch (error) {
  endWith(error);
}
