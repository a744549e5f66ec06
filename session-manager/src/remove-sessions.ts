import { pino } from "pino";
import { readConfig } from "./config.ts";
import { removeAll } from "./runtimes/docker/remove-all.ts";

/** `docker compose run --rm remove-sessions`: leaves nothing of this installation's sessions in the engine. */
const log = pino({ base: { service: "remove-sessions" } });
try {
  const config = readConfig();
  if (config.SESSION_RUNTIME !== "docker") throw new Error("sessions are not containers here");
  const removed = await removeAll({
    socketPath: config.DOCKER_HOST,
    runDir: config.RUN_DIR,
    helperImage: config.SESSION_IMAGE,
    disksVolume: config.DISKS_VOLUME,
    log,
  });
  log.info(removed, "nothing of this installation's sessions is left");
} catch (error) {
  log.fatal({ err: error }, "not everything was removed; it can be asked for again");
  process.exitCode = 1;
}
