import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { findNpm } from "./local/bubblewrap.ts";
import { LocalRuntime } from "./local/local-runtime.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime that the configuration names. */
export async function createRuntime(config: Config, log: Logger): Promise<Runtime> {
  switch (config.SESSION_RUNTIME) {
    case "local":
      return createLocalRuntime(config, log);
    case "docker":
      return createDockerRuntime(config, log);
  }
}

/** Loaded only where it is used: the engine's client is large. */
async function createDockerRuntime(config: Config, log: Logger): Promise<Runtime> {
  const { DockerRuntime } = await import("./docker/docker-runtime.ts");
  return new DockerRuntime({
    socketPath: config.DOCKER_HOST,
    runDir: config.RUN_DIR,
    helperImage: config.SESSION_IMAGE,
    disksVolume: config.DISKS_VOLUME,
    readyTimeoutMs: config.READY_TIMEOUT_MS,
    stopGraceMs: config.STOP_GRACE_MS,
    endLeftovers: config.END_LEFTOVERS,
    logLevel: config.LOG_LEVEL,
    log,
  });
}

function required(config: Config, name: "PLACES_DIR" | "AGENT_DIR" | "CLAUDE_BINARY"): string {
  const value = config[name];
  if (value === undefined)
    throw new Error(`session-manager's configuration: ${name} is needed for local sessions`);
  return value;
}

function createLocalRuntime(config: Config, log: Logger): Runtime {
  const bus = {
    XDG_RUNTIME_DIR: config.XDG_RUNTIME_DIR,
    DBUS_SESSION_BUS_ADDRESS: config.DBUS_SESSION_BUS_ADDRESS,
  };
  return new LocalRuntime({
    runDir: config.RUN_DIR,
    placesDir: required(config, "PLACES_DIR"),
    programs: {
      agentDir: required(config, "AGENT_DIR"),
      claudeBinary: required(config, "CLAUDE_BINARY"),
      nodeBinary: config.NODE_BINARY,
      npmDir: findNpm(config.NODE_BINARY, config.PATH),
    },
    path: config.PATH,
    isolation: config.LOCAL_ISOLATION,
    fenceEnvironment: Object.fromEntries(
      Object.entries(bus).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    readyTimeoutMs: config.READY_TIMEOUT_MS,
    stopGraceMs: config.STOP_GRACE_MS,
    endLeftovers: config.END_LEFTOVERS,
    logLevel: config.LOG_LEVEL,
    log,
  });
}
