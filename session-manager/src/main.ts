import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readTemplates } from "@remote-claude/service/templates";
import pino from "pino";
import { type Config, readConfig } from "./config.ts";
import { createApp } from "./http/app.ts";
import { Places } from "./places.ts";
import { createRuntime } from "./runtimes/create-runtime.ts";

async function run(config: Config): Promise<void> {
  const log = pino({ name: "session-manager", level: config.LOG_LEVEL });
  const templates = readTemplates(config.TEMPLATES_FILE);
  const runtime = await createRuntime(config, log);
  await runtime.open();
  const places = new Places(runtime, templates);
  const capabilities = () => runtime.capabilities();
  const server = createServer(createApp({ places, capabilities, secret: config.MANAGER_SECRET, log }));

  let ending = false;
  const end = async (signal: string) => {
    if (ending) return;
    ending = true;
    log.info({ signal }, "ending");
    server.close();
    await places.close({ stopPlaces: config.STOP_PLACES_ON_EXIT });
    server.closeAllConnections();
    log.info("ended");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      end(signal).catch((error: unknown) => {
        log.fatal({ err: error }, "ending failed");
        process.exit(1);
      });
    });
  }

  server.on("error", (error) => {
    log.fatal({ err: error }, "cannot listen");
    process.exit(1);
  });
  server.listen(config.MANAGER_PORT, config.MANAGER_HOST, () => {
    const { address, port } = server.address() as AddressInfo;
    const { isolation, isolationMessage, limits } = runtime.capabilities();
    log.info({ address, port, isolation, isolationMessage, limits }, "listening");
  });
}

async function main(): Promise<void> {
  await run(readConfig());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
