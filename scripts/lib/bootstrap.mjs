/** What every script here does first: packages installed, and Node 24 or newer running it. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureInstalled, findNode, restoreLinks } from "./install.mjs";
import { endWith, Failure } from "./progress.mjs";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export function assertNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Failure(`Node 20.19 or newer is needed; this is ${version}`, {
    hint: "Install a newer Node (https://nodejs.org) and start again.",
  });
}

/**
 * Installs what is missing and makes sure that a recent Node runs `script`; resolves to false when another process
 * has taken over, and this one only waits for it.
 */
export async function bootstrap(script) {
  assertNodeVersion();
  await ensureInstalled(root);
  restoreLinks(root);
  const node = findNode(root);
  if (node === process.execPath) return true;
  become(node, [script, ...process.argv.slice(2)]);
  return false;
}

/** Goes on as another program in this process's place, or, where Node cannot, as its parent that only waits. */
export function become(node, args) {
  if (typeof process.execve === "function" && process.platform !== "win32") {
    const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined));
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the child by itself too; the supervisor counts two signals at once as one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => endWith(new Failure(`${node} could not be started: ${error.message}`)));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
