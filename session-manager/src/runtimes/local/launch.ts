import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PlaceId } from "@remote-claude/protocol";
import type { ResolvedLimits } from "../runtime.ts";
import { openAgentLog } from "./agent-log.ts";
import {
  bubblewrapArgs,
  insideAgentScript,
  insideCommand,
  insideNode,
  type SessionPrograms,
} from "./bubblewrap.ts";
import type { PlaceDirectories } from "./directories.ts";
import type { Fence } from "./fence.ts";
import type { LocalIsolation } from "./isolation.ts";
import { placeVariable } from "./place-processes.ts";

export interface Launch {
  readonly placeId: PlaceId;
  readonly directories: PlaceDirectories;
  readonly programs: SessionPrograms;
  readonly limits: ResolvedLimits;
  readonly isolation: LocalIsolation;
  /** The place's own user on this host; null: the account that runs session-manager. */
  readonly userId: number | null;
  readonly fence: Fence | null;
  readonly logLevel: string;
  readonly path: readonly string[];
}

/**
 * The first process of a place: it has no other work than to wait for the agent (or its sandbox, which dies with it)
 * and to note how it ended, for a session-manager that may have been restarted meanwhile. When the machine runs out
 * of memory, sessions go before services.
 */
const waiter = `
umask 022
ulimit -c 0
[ -w /proc/self/oom_score_adj ] && echo 500 > /proc/self/oom_score_adj
exit_file=$1
shift
"$@"
code=$?
echo "$code" > "$exit_file"
exit "$code"
`;

const exitFile = (directories: PlaceDirectories) => join(directories.root, "exit");

/** null while nothing ended, or when nobody could note it. */
export function readExitCode(directories: PlaceDirectories): number | null {
  try {
    const code = Number.parseInt(readFileSync(exitFile(directories), "utf8"), 10);
    return Number.isInteger(code) ? code : null;
  } catch {
    return null;
  }
}

function sessionVariables({ placeId, logLevel }: Launch): Record<string, string> {
  return { LANG: "C.UTF-8", SHELL: "/bin/bash", LOG_LEVEL: logLevel, [placeVariable]: placeId };
}

/** How the agent runs without a sandbox: still with an environment of its own, and a home that is not the person's. */
function plainVariables(launch: Launch): Record<string, string> {
  const { directories, programs, path } = launch;
  return {
    ...sessionVariables(launch),
    HOME: directories.home,
    TMPDIR: directories.temporary,
    PATH: [join(directories.home, ".local/bin"), dirname(programs.nodeBinary), ...path].join(":"),
    NPM_CONFIG_PREFIX: join(directories.home, ".local"),
    AGENT_IN: directories.in,
    AGENT_OUT: directories.out,
    AGENT_WORKSPACE: directories.workspace,
    AGENT_HOME: directories.home,
    // Any free one: the host's network is everyone's.
    AGENT_EGRESS_PORT: "0",
    AGENT_CLAUDE_BINARY: programs.claudeBinary,
  };
}

interface Start {
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Becomes descriptor 3. */
  readonly descriptor: number | null;
}

function sandboxed(launch: Launch, isolation: LocalIsolation & { kind: "bubblewrap" }): Start {
  const { sandbox } = isolation;
  const { userId } = launch;
  const identity = userId === null ? ({ kind: "mapped" } as const) : ({ kind: "own-user", userId } as const);
  const args = bubblewrapArgs(
    sandbox,
    identity,
    launch.directories,
    launch.programs,
    sessionVariables(launch),
  );
  // By a file, because the session sees the command line of its pid 1, and the host's paths are none of its business.
  const argsFile = join(launch.directories.root, "bwrap.args");
  writeFileSync(argsFile, args.join("\0"), { mode: 0o600 });
  const command = insideCommand(sandbox, identity, launch.limits, [insideNode, insideAgentScript]);
  return {
    command: [sandbox.binary, "--args", "3", "--", ...command],
    variables: { [placeVariable]: launch.placeId, PATH: launch.path.join(":") },
    descriptor: openSync(argsFile, "r"),
  };
}

function plain(launch: Launch): Start {
  const { programs } = launch;
  const unset = Object.keys(launch.fence?.environment ?? {}).flatMap((name) => ["-u", name]);
  const clean = unset.length === 0 ? [] : ["/usr/bin/env", ...unset];
  return {
    command: [...clean, programs.nodeBinary, join(programs.agentDir, "agent.js")],
    variables: plainVariables(launch),
    descriptor: null,
  };
}

/** Starts a place's agent, detached: it neither ends with session-manager nor hears Ctrl-C in its terminal. */
export function launchAgent(launch: Launch): ChildProcess {
  const { directories, fence, isolation } = launch;
  rmSync(exitFile(directories), { force: true });
  const start = isolation.kind === "bubblewrap" ? sandboxed(launch, isolation) : plain(launch);
  const log = openAgentLog(directories.root);
  try {
    const limited = [...(fence?.prefix(launch.placeId, launch.limits) ?? []), ...start.command];
    const child = spawn("/bin/sh", ["-c", waiter, "remote-claude-place", exitFile(directories), ...limited], {
      cwd: "/",
      env: { ...start.variables, ...fence?.environment },
      stdio: ["ignore", log, log, ...(start.descriptor === null ? [] : [start.descriptor])],
      detached: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
    if (start.descriptor !== null) closeSync(start.descriptor);
  }
}
