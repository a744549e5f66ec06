import { requestMixin } from "@remote-claude/service/request-scope";
import { runService } from "@remote-claude/service/run-service";
import { pino } from "pino";
import { createApp } from "./app.ts";
import { loadConfig } from "./config.ts";

await runService({
  loadConfig,
  createLog: ({ logLevel }) => pino({ level: logLevel, base: { service: "api" }, mixin: requestMixin }),
  // Each step of ending has its own limit; together they stay below this.
  stopWithinMs: 30_000,
  async start(config, log) {
    const app = createApp(config, log);
    return { listening: await app.start(), stop: () => app.stop() };
  },
});
