/**
 * Lays out what the image of one service holds: its bundle, its package.json and the packages it needs when it runs.
 *   node scripts/stage-image.mjs <service> <folder>
 */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, services } from "./lib/bundle.mjs";
import { copyModules, productionModules } from "./lib/production-modules.mjs";
import { run } from "./lib/run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const [service = "", out = ""] = process.argv.slice(2);
if (services[service] === undefined || out === "") {
  console.error(`usage: stage-image.mjs ${Object.keys(services).join("|")} FOLDER`);
  process.exit(2);
}

/** Next copies what its server needs; beside it only what our own server imports itself. */
async function stageWeb() {
  const env = {
    ...process.env,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    NEXT_OUTPUT: "standalone",
  };
  const { buildMonaco } = await import(new URL("../web/build-monaco.mjs", import.meta.url).href);
  await buildMonaco();
  await run(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], {
    cwd: join(root, "web"),
    what: "next build",
    env,
    inherit: true,
  });
  cpSync(join(root, "web/.next/standalone"), out, { recursive: true });
  cpSync(join(root, "web/.next/static"), join(out, "web/.next/static"), { recursive: true });
  cpSync(join(root, "web/public"), join(out, "web/public"), { recursive: true });
  cpSync(join(root, "web/start-in-image.mjs"), join(out, "web/dist/start-in-image.mjs"));
}

if (service === "web") await stageWeb();
await bundle(root, service);
cpSync(join(root, service, "dist"), join(out, service, "dist"), { recursive: true });
cpSync(join(root, service, "package.json"), join(out, service, "package.json"));
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
copyModules(root, productionModules(packages, service, service === "web" ? ["zod"] : undefined), out);
