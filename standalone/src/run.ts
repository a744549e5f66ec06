import { writeSync } from "node:fs";
import { inspect } from "node:util";
import { ConfigError } from "@remote-claude/service/settings";
import { loadConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import { Supervisor } from "./supervisor.ts";
import { createTerminal } from "./terminal.ts";

/** A terminal's Ctrl-C may arrive twice, by itself and handed on by npm or the bootstrap. */
const sameKeyPressMs = 800;

/** Runs the product until a signal ends it or it cannot go on; then this process ends too. */
export async function runSupervisor(root: string): Promise<void> {
  const terminal = createTerminal();
  let stoppingSince: number | null = null;
  const supervisor: Supervisor = new Supervisor({
    config: loadConfig(),
    root,
    terminal,
    onFatal: (failure) => {
      terminal.say("● Stopping everything …");
      void supervisor.stop().finally(() => endWithFailure(failure));
    },
  });
  const onSignal = () => {
    if (stoppingSince === null) {
      stoppingSince = Date.now();
      terminal.say("\n● Stopping … (Ctrl-C again to force)");
      void supervisor.stop().then(() => {
        terminal.say("● Stopped.");
        process.exit(0);
      }, endWithFailure);
    } else if (Date.now() - stoppingSince > sameKeyPressMs) {
      terminal.say("● Stopping by force.");
      supervisor.kill();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // A terminal that is gone must not keep the supervisor from stopping in order.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  try {
    await supervisor.start();
  } catch (error) {
    // Stopped while it started: what fails then fails because of that.
    if (stoppingSince === null) endWithFailure(error);
  }
}

/** Says why, and ends the process with status 1. */
export function endWithFailure(error: unknown): never {
  if (error instanceof Failure || error instanceof ConfigError) {
    writeError(`\n✖ ${error.message}`);
    if (error instanceof Failure && error.hint !== undefined) writeError(`\n  ${error.hint}`);
    writeError("");
  } else {
    writeError(`\n✖ Remote Claude stops because of a mistake in itself: ${inspect(error)}`);
  }
  process.exit(1);
}

/** At once: the process is about to end, and a pipe would swallow it. */
function writeError(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody listens.
  }
}
