import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, cpSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { minimumLimits } from "@remote-claude/protocol";
import {
  bubblewrapArgs,
  insideAgentScript,
  insideCommand,
  insideNode,
} from "../../session-manager/src/runtimes/local/bubblewrap.ts";
import { directoriesOf, prepareDirectories } from "../../session-manager/src/runtimes/local/directories.ts";
import { findIsolation, ownUserId } from "../../session-manager/src/runtimes/local/isolation.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** node-pty and bare-session.cjs, as a directory that stands where the agent's does. */
function makeProgram(directory: string): string {
  const program = join(directory, "program");
  mkdirSync(join(program, "node_modules"), { recursive: true });
  cpSync(here("../../node_modules/@lydell"), join(program, "node_modules/@lydell"), { recursive: true });
  cpSync(here("./bare-session.cjs"), join(program, "agent.cjs"));
  writeFileSync(join(program, "agent.js"), 'require("./agent.cjs");\n');
  return program;
}

/** Resolves once the first line came; the process runs on. */
async function firstLine(child: ChildProcess): Promise<void> {
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the bare session ended with ${code}: ${errors}`)));
  });
}

export interface BarePlaces {
  /** Milliseconds from nothing to the first bytes of the shell's prompt. */
  start(): Promise<number>;
  close(): void;
}

/** Sessions as session-manager walls them off, with the same mounts, but nothing in them besides Node and a shell. */
export async function openBarePlaces(directory: string, claudeBinary: string): Promise<BarePlaces> {
  const path = (process.env.PATH ?? "").split(":");
  const programs = {
    agentDir: makeProgram(directory),
    claudeBinary,
    nodeBinary: process.execPath,
    npmDir: null,
  };
  const isolation = await findIsolation({ path, programs, scratchDir: directory });
  if (isolation.kind === "none") throw new Error(isolation.message);
  const children: ChildProcess[] = [];
  let count = 0;
  return {
    async start() {
      count += 1;
      const placeId = `bench${String(count).padStart(7, "0")}`;
      const startedAt = performance.now();
      const mapped = isolation.identity === "mapped";
      const userId = ownUserId(placeId);
      const directories = directoriesOf(join(directory, "p"), join(directory, "r"), placeId);
      await prepareDirectories(directories, { now: mapped ? null : userId, before: null });
      const identity = mapped ? ({ kind: "mapped" } as const) : ({ kind: "own-user", userId } as const);
      const args = bubblewrapArgs(isolation.sandbox, identity, directories, programs, { SHELL: "/bin/bash" });
      const argsFile = join(dirname(directories.root), `${placeId}.args`);
      writeFileSync(argsFile, args.join("\0"));
      const limits = { ...minimumLimits, memoryMb: 4096, diskMb: 10_240, pids: 1024 };
      const command = insideCommand(isolation.sandbox, identity, limits, [insideNode, insideAgentScript]);
      const descriptor = openSync(argsFile, "r");
      const child = spawn(isolation.sandbox.binary, ["--args", "3", "--", ...command], {
        stdio: ["ignore", "pipe", "pipe", descriptor],
      });
      closeSync(descriptor);
      children.push(child);
      await firstLine(child);
      return performance.now() - startedAt;
    },
    close() {
      for (const child of children.splice(0)) child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
