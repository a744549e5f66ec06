import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { findNpm } from "./local/bubblewrap.ts";
import { LocalRuntime } from "./local/local-runtime.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime that the configuration names. */
export function createRuntime(config: Config, log: Logger): Runtime {
  switch (config.SESSION_RUNTIME) {
    case "local":
      return createLocalRuntime(config, log);
  }
}

function createLocalRuntime(config: Config, log: Logger): Runtime {
  const bus = {
    XDG_RUNTIME_DIR: config.XDG_RUNTIME_DIR,
    DBUS_SESSION_BUS_ADDRESS: config.DBUS_SESSION_BUS_ADDRESS,
  };
  return new LocalRuntime({
    runDir: config.RUN_DIR,
    placesDir: config.PLACES_DIR,
    programs: {
      agentDir: config.AGENT_DIR,
      claudeBinary: config.CLAUDE_BINARY,
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
