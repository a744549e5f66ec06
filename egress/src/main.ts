import { ConfigError } from "@remote-claude/service/settings";
import { pino } from "pino";
import { type Config, loadConfig } from "./config.ts";
import { startEgress } from "./egress.ts";

/** Sockets and directories belong to the group that api, egress and sessions share, and to nobody else. */
process.umask(0o007);

async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel, base: { service: "egress" } });
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "a bug: ending");
    process.exit(1);
  });
  const egress = await startEgress({ config, log });
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), 10_000).unref();
    await egress.stop();
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, (name) => void stop(name));
  log.info(
    { host: config.host, port: egress.port, modelKeyConfigured: config.modelKey !== null },
    "listening",
  );
}

function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

await main();
