/** `npm run bench [name …]`: the product against floors, one table. Builds what is stale first (bench/main.ts). */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bootstrap, root } from "./lib/bootstrap.mjs";
import { endWith } from "./lib/progress.mjs";

const script = fileURLToPath(import.meta.url);
try {
  if (await bootstrap(script)) {
    const { build } = await import("./build.mjs");
    await build();
    await import(pathToFileURL(join(root, "bench/main.ts")).href);
  }
} catch (error) {
  endWith(error);
}
