import { spawn } from "node:child_process";
import { Failure } from "./progress.mjs";

/** Programs that run for us now: they must not go on when this process is told to end. */
const running = new Set();

const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"];

function endAll(signal) {
  for (const child of running) child.kill(signal);
  process.exit(signal === "SIGINT" ? 130 : 143);
}

/** Keeps the end of what a program prints; its beginning is rarely what explains a failure. */
const keptBytes = 64 * 1024;

/**
 * Runs a program to its end and gives its output back; throws a Failure that carries it when the program fails.
 * With `inherit` its output goes to the terminal instead.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, what: string, hint?: string, env?: Record<string, string | undefined>, inherit?: boolean, guess?: boolean }} options
 *   guess: whether a hint may be taken from what the program said
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd, what, hint, env = process.env, inherit = false, guess = true }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: inherit ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    if (running.size === 0) for (const signal of endSignals) process.on(signal, endAll);
    running.add(child);
    const over = () => {
      running.delete(child);
      if (running.size === 0) for (const signal of endSignals) process.off(signal, endAll);
    };
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-keptBytes);
    };
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => {
      over();
      reject(
        error.code === "ENOENT"
          ? new Failure(`${what} failed: ${command} was not found`, { hint })
          : new Failure(`${what} failed: ${error.message}`, { hint }),
      );
    });
    child.on("close", (code, signal) => {
      over();
      if (code === 0) return resolve(output);
      const how = signal === null ? `exit status ${code}` : `ended by ${signal}`;
      reject(
        new Failure(`${what} failed (${how})`, {
          output,
          hint: (guess ? hintFor(output) : undefined) ?? hint,
        }),
      );
    });
  });
}

/** What usually helps, by what the program said. */
export function hintFor(output) {
  if (/ENOSPC|no space left/i.test(output)) {
    return "The disk is full: free some space (about 2 GB are needed for packages and builds) and start again.";
  }
  if (/EACCES|EPERM|permission denied/i.test(output)) {
    return "A file could not be written: does this folder belong to you? (`ls -ld . node_modules`)";
  }
  if (/EROFS|read-only file system/i.test(output)) {
    return "This folder is on a read-only file system: copy the project to one that can be written.";
  }
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|network/i.test(output)) {
    return "The npm registry could not be reached: check the network, a proxy (`npm config get proxy`) and\n`npm config get registry`, then start again.";
  }
  if (/heap out of memory|ENOMEM|SIGKILL/i.test(output)) {
    return "The machine ran out of memory: close something, or add swap, and start again.";
  }
  return undefined;
}
