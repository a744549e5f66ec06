import { requestMixin } from "@remote-claude/service/request-scope";
import { runService } from "@remote-claude/service/run-service";
import { pino } from "pino";
import { loadConfig } from "./config.ts";
import { startEgress } from "./egress.ts";

/** Sockets and directories belong to the group that api, egress and sessions share, and to nobody else. */
process.umask(0o007);

await runService({
  loadConfig,
  createLog: ({ logLevel }) => pino({ level: logLevel, base: { service: "egress" }, mixin: requestMixin }),
  stopWithinMs: 10_000,
  async start(config, log) {
    const egress = await startEgress({ config, log });
    const { host, modelKey } = config;
    return {
      listening: { host, port: egress.port, modelKeyConfigured: modelKey !== null },
      stop: () => egress.stop(),
    };
  },
});
