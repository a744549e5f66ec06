import { startAgent } from "./agent.ts";
import { readConfig } from "./config.ts";
import { giveBackMemory } from "./lib/give-back-memory.ts";
import { createLog } from "./lib/log.ts";

/** A bug that comes back this often in a minute is no accident: better to end and be started anew. */
const maxFailuresPerMinute = 20;
/** The first api has connected by then, or none will soon. */
const settledAfterMs = 2_000;

const config = readConfig();
const log = createLog(config.logLevel, { service: "agent", place: config.place.placeId });

let failures: number[] = [];
process.on("uncaughtException", (err, origin) => {
  log.error({ err, origin }, "uncaught; serving on");
  const now = performance.now();
  failures = [...failures.filter((at) => now - at < 60_000), now];
  if (failures.length <= maxFailuresPerMinute) return;
  log.fatal("too many failures; ending");
  process.exit(1);
});

// Detached from whoever started it: a terminal that closes is none of its business.
process.on("SIGHUP", () => undefined);
process.on("SIGPIPE", () => undefined);

async function main(): Promise<void> {
  try {
    const agent = await startAgent(config, log);
    let stopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.on(signal, () => {
        if (stopping) return;
        stopping = true;
        log.info({ signal }, "stopping");
        setTimeout(() => process.exit(1), 8_000).unref();
        agent.stop().then(
          () => process.exit(0),
          (err: unknown) => {
            log.error({ err }, "stopping failed");
            process.exit(1);
          },
        );
      });
    log.info({ socket: config.agentSocket, bootId: agent.info.bootId }, "listening");
    setTimeout(giveBackMemory, settledAfterMs).unref();
  } catch (err) {
    log.fatal({ err }, "could not start");
    process.exit(1);
  }
}

void main();
