import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Metrics } from "@remote-claude/service/metrics";
import { requestMixin } from "@remote-claude/service/request-scope";
import { runService } from "@remote-claude/service/run-service";
import { readTemplates } from "@remote-claude/service/templates";
import { pino } from "pino";
import { readConfig } from "./config.ts";
import { createApp } from "./http/app.ts";
import { describePlaces, measureChanges } from "./metrics.ts";
import { Places } from "./places.ts";
import { createRuntime } from "./runtimes/create-runtime.ts";

await runService({
  loadConfig: () => {
    const config = readConfig();
    return { ...config, templates: readTemplates(config.TEMPLATES_FILE) };
  },
  createLog: ({ LOG_LEVEL }) =>
    pino({ level: LOG_LEVEL, base: { service: "session-manager" }, mixin: requestMixin }),
  // Ending places has limits of its own, for each of them.
  stopWithinMs: 60_000,
  async start(config, log) {
    const runtime = await createRuntime(config, log);
    await runtime.open();
    const metrics = new Metrics();
    const places = new Places(runtime, config.templates, measureChanges(metrics));
    describePlaces(metrics, runtime, places);
    const capabilities = () => runtime.capabilities();
    const secret = config.MANAGER_SECRET;
    const server = createServer(createApp({ places, capabilities, metrics, secret, log }));
    server.listen(config.MANAGER_PORT, config.MANAGER_HOST);
    await once(server, "listening");
    const { address, port } = server.address() as AddressInfo;
    const { isolation, isolationMessage, limits } = runtime.capabilities();
    return {
      listening: { address, port, isolation, isolationMessage, limits },
      async stop() {
        server.close();
        await places.close({ stopPlaces: config.STOP_PLACES_ON_EXIT });
        server.closeAllConnections();
      },
    };
  },
});
