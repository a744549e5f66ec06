import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AgentConfig } from "@remote-claude/protocol";
import * as z from "zod";

const Environment = z.object({
  AGENT_IN: z.string().min(1).describe("Directory that holds agent.json and egress.sock; read-only"),
  AGENT_OUT: z.string().min(1).describe("Directory in which the agent makes agent.sock"),
  AGENT_WORKSPACE: z.string().min(1).describe("The workspace's root"),
  AGENT_HOME: z.string().min(1).describe("Home of everything that runs in the session"),
  AGENT_EGRESS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3129)
    .describe("Loopback port that leads to egress.sock; 0 takes a free one"),
  AGENT_CLAUDE_BINARY: z
    .string()
    .default("")
    .describe("Path of the Claude Code binary; empty: no Claude here"),
  AGENT_CLAUDE_IDLE_MINUTES: z.coerce
    .number()
    .positive()
    .max(24 * 60)
    .default(15)
    .describe("How long a conversation's Claude Code process (some 200 MB) outlives its last turn"),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("Least severe level that is logged"),
});

/** Everything the agent was told when it started. */
export interface Config {
  readonly place: AgentConfig;
  readonly egressSocket: string;
  readonly agentSocket: string;
  readonly workspace: string;
  readonly home: string;
  /** `$AGENT_HOME/.remote-claude`: journals and what else the agent keeps. */
  readonly stateDirectory: string;
  /** As configured; 0 means any free one. Who needs the real one takes it from the session environment. */
  readonly egressPort: number;
  /** null: this session has no Claude Code. */
  readonly claudeBinary: string | null;
  readonly claudeIdleMinutes: number;
  readonly logLevel: z.infer<typeof Environment>["LOG_LEVEL"];
  /** What children inherit: the agent's own environment without AGENT_*. */
  readonly inheritedEnvironment: Readonly<Record<string, string>>;
}

/** Reads and checks environment and agent.json; throws with the name of what does not fit. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const env = Environment.parse(environment);
  const place = AgentConfig.parse(JSON.parse(readFileSync(join(env.AGENT_IN, "agent.json"), "utf8")));
  const inherited = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(AGENT_|LOG_LEVEL$)/.test(entry[0]),
  );
  return Object.freeze({
    place,
    egressSocket: join(env.AGENT_IN, "egress.sock"),
    agentSocket: join(env.AGENT_OUT, "agent.sock"),
    workspace: env.AGENT_WORKSPACE,
    home: env.AGENT_HOME,
    stateDirectory: join(env.AGENT_HOME, ".remote-claude"),
    egressPort: env.AGENT_EGRESS_PORT,
    claudeBinary: env.AGENT_CLAUDE_BINARY === "" ? null : env.AGENT_CLAUDE_BINARY,
    claudeIdleMinutes: env.AGENT_CLAUDE_IDLE_MINUTES,
    logLevel: env.LOG_LEVEL,
    inheritedEnvironment: Object.freeze(Object.fromEntries(inherited)),
  });
}
