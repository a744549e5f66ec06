import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, loadConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import { Supervisor } from "./supervisor.ts";
import { createTerminal } from "./terminal.ts";

/** The folder of the project, seen from src/ and from dist/ alike. */
const root = dirname(dirname(fileURLToPath(new URL(".", import.meta.url))));

function endWithFailure(error: unknown): never {
  if (error instanceof Failure || error instanceof ConfigError) {
    console.error(`\n✖ ${error.message}`);
    if (error instanceof Failure && error.hint !== undefined) console.error(`\n  ${error.hint}`);
    console.error("");
  } else {
    console.error("\n✖ Remote Claude stops because of a mistake in itself:", error);
  }
  process.exit(1);
}

/** A terminal's Ctrl-C may arrive twice, by itself and handed on by npm or the bootstrap. */
const sameKeyPressMs = 800;

async function main(): Promise<void> {
  process.title = "remote-claude";
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

try {
  await main();
} catch (error) {
  endWithFailure(error);
}
