import { ConfigError } from "@remote-claude/service/settings";
import { createApp } from "./app.ts";
import { loadConfig } from "./config.ts";

/** Runs the api until it is told to end. */
async function main(): Promise<void> {
  const app = createApp(loadConfig());
  const { log } = app.context;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    app.stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("unhandledRejection", (error) => {
    // A promise nobody waits for is a bug, but no reason to end everybody's sessions.
    log.error({ err: error }, "unhandled rejection");
  });
  log.info(await app.start(), "listening");
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
