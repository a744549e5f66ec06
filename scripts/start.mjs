#!/usr/bin/env node
/**
 * `npm start`: from a clone to the running product. Installs what is missing, finds Node 24, builds what is stale,
 * then becomes the supervisor (standalone/src/main.ts). Plain Node without dependencies: it runs before any is there.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, findNode, restoreLinks } from "./lib/install.mjs";
import { endWith, Failure } from "./lib/progress.mjs";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const dev = process.argv.includes("--dev");

function assertNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Failure(`Node 20.19 or newer is needed; this is ${process.version}`, {
    hint: "Install a newer Node (https://nodejs.org) and start again.",
  });
}

/** Goes on as another program in this process's place, or, where Node cannot, as its parent that only waits. */
function become(node, args) {
  if (typeof process.execve === "function" && process.platform !== "win32") {
    process.execve(node, [node, ...args], definedOf(process.env));
  }
  const child = spawn(node, args, { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the child by itself too; the supervisor counts two signals at once as one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => endWith(new Failure(`${node} could not be started: ${error.message}`)));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

function definedOf(env) {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

async function main() {
  assertNodeVersion();
  await ensureInstalled(root);
  restoreLinks(root);
  const node = findNode(root);
  if (node !== process.execPath) {
    become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
    return;
  }
  const { build } = await import("./build.mjs");
  await build(dev ? { only: ["database-client", "standalone", "agent"] } : {});
  become(node, [join(root, "standalone/dist/main.js"), ...process.argv.slice(2)]);
}

try {
  await main();
} catch (error) {
  endWith(error);
}
