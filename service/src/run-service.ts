import { inspect } from "node:util";
import { ConfigError, settingsExitStatus } from "./settings.ts";

/** What of pino's logger is used here. */
export interface ServiceLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
  fatal(details: object, message: string): void;
}

/** A service at work. */
export interface RunningService {
  /** Where it listens, and what else its first line in the log should say. */
  readonly listening: object;
  /** Ends in order. */
  stop(): Promise<void>;
}

export interface ServiceProgram<Config, Log extends ServiceLog> {
  /** Throws ConfigError for settings that cannot be used. */
  readonly loadConfig: () => Config;
  readonly createLog: (config: Config) => Log;
  readonly start: (config: Config, log: Log) => Promise<RunningService>;
  /** How long ending may take; after that the process ends all the same. */
  readonly stopWithinMs: number;
}

/**
 * Runs a service in this process until SIGTERM or SIGINT. The process ends with 0 after that, with
 * `settingsExitStatus` when its settings cannot be used, and with 1 when it cannot go on.
 */
export async function runService<Config, Log extends ServiceLog>(
  program: ServiceProgram<Config, Log>,
): Promise<void> {
  let log: Log | null = null;
  try {
    const config = program.loadConfig();
    log = program.createLog(config);
    watchForBugs(log);
    const running = await program.start(config, log);
    stopOnSignals(running, log, program.stopWithinMs);
    log.info(running.listening, "listening");
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(settingsExitStatus);
    }
    if (log === null) process.stderr.write(`${inspect(error)}\n`);
    else log.fatal({ err: error }, "cannot start");
    process.exit(1);
  }
}

function watchForBugs(log: ServiceLog): void {
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "a bug: ending");
    process.exit(1);
  });
  process.on("unhandledRejection", (error) => {
    // A promise nobody waits for is a bug, but no reason to end everybody's work.
    log.error({ err: error }, "unhandled rejection");
  });
}

function stopOnSignals(running: RunningService, log: ServiceLog, withinMs: number): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), withinMs).unref();
    try {
      await running.stop();
      log.info({}, "stopped");
      process.exit(0);
    } catch (error) {
      log.fatal({ err: error }, "stopping failed");
      process.exit(1);
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
}
