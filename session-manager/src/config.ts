import { delimiter } from "node:path";
import { readSettings } from "@remote-claude/service/settings";
import { z } from "zod";

const Flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((value) => value === "true");

/** Unix sockets' paths hold 107 bytes; `/<12 characters>/out/agent.sock` and `/…/in/egress.sock` come after RUN_DIR. */
const maxRunDirBytes = 107 - "/aaaaaaaaaaaa/in/egress.sock".length;

const AbsolutePath = z.string().startsWith("/", "must be an absolute path");

export const ConfigSchema = z.object({
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("How much is logged"),
  MANAGER_HOST: z.string().default("127.0.0.1").describe("Address session-manager listens on"),
  MANAGER_PORT: z.coerce.number().int().min(0).max(65535).default(3002).describe("Its port; 0 for any"),
  MANAGER_SECRET: z
    .string()
    .min(16, "at least 16 characters")
    .describe("What api proves itself with; also as MANAGER_SECRET_FILE"),
  SESSION_RUNTIME: z.enum(["local", "docker"]).default("local").describe("What places are made of"),
  RUN_DIR: AbsolutePath.refine(
    (path) => Buffer.byteLength(path) <= maxRunDirBytes,
    `longer than ${maxRunDirBytes} bytes: unix sockets below it would not work`,
  ).describe("Directory of <place>/in and <place>/out, where the sockets are"),
  PLACES_DIR: AbsolutePath.optional().describe(
    "Directory of <place>/workspace and <place>/home (local runtime)",
  ),
  TEMPLATES_FILE: z
    .string()
    .optional()
    .describe("templates.yaml; without it there is the template `default`"),
  AGENT_DIR: AbsolutePath.optional().describe("The built agent: agent.js and what it needs (local runtime)"),
  CLAUDE_BINARY: AbsolutePath.optional().describe("The Claude Code binary (local runtime)"),
  NODE_BINARY: AbsolutePath.default(process.execPath).describe("The Node that agents run on (local runtime)"),
  DOCKER_HOST: z
    .string()
    .default("unix:///var/run/docker.sock")
    .refine((host) => host.startsWith("unix:///"), "must be unix:///… : sessions are reached by their files")
    .transform((host) => host.slice("unix://".length))
    .describe("The Docker Engine of this machine (docker runtime)"),
  SESSION_IMAGE: z
    .string()
    .default("remote-claude/session")
    .describe("Our own session image: what works on sessions' disks runs in it (docker runtime)"),
  DISKS_VOLUME: z
    .string()
    .optional()
    .describe("The engine's volume that holds sessions' disks; without it one is made (docker runtime)"),
  LOCAL_ISOLATION: z
    .enum(["auto", "bubblewrap", "none"])
    .default("auto")
    .describe("auto: bubblewrap where it works; bubblewrap: refuse to start without it; none: never"),
  READY_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(30_000)
    .describe("How long an agent may take to start"),
  STOP_GRACE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(5_000)
    .describe("How long an agent may take to end by itself"),
  END_LEFTOVERS: Flag.describe(
    "At start, end the agents an earlier run left behind instead of adopting them",
  ),
  STOP_PLACES_ON_EXIT: Flag.describe(
    "On SIGTERM, stop all places; otherwise they go on without session-manager",
  ),
  PATH: z
    .string()
    .default("/usr/local/bin:/usr/bin:/bin")
    .transform((path) => path.split(delimiter))
    .describe("Where bwrap, systemd-run and the machine's npm are looked for"),
  XDG_RUNTIME_DIR: z.string().optional().describe("Set by systemd: the way to the user's service manager"),
  DBUS_SESSION_BUS_ADDRESS: z.string().optional().describe("Set by the login: likewise"),
});
export type Config = Readonly<z.infer<typeof ConfigSchema>>;

/** Throws ConfigError naming every variable that is wrong. */
export function readConfig(source: NodeJS.ProcessEnv = process.env): Config {
  const complaint = "session-manager cannot start with these settings";
  return Object.freeze(
    readSettings({ complaint, schema: ConfigSchema, secrets: ["MANAGER_SECRET"], source }),
  );
}
