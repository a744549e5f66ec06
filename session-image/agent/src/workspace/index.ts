import { AppError, type Handlers } from "@remote-claude/protocol";
import type { AgentContext, AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { runProcess } from "../lib/run-process.ts";
import { cloneRepository } from "./clone.ts";
import { CommandRunner } from "./execute.ts";
import { GitStatus } from "./git-status.ts";
import type { Snapshots } from "./snapshots.ts";

type WorkspaceHandlers = Pick<
  Handlers<"agent", AgentContext>,
  | "workspace.status"
  | "workspace.clone"
  | "workspace.size"
  | "workspace.activity"
  | "workspace.snapshot"
  | "workspace.execute"
  | "workspace.cancel"
>;

const sizeKeptMs = 60_000;

/** The workspace as a whole: its repository, its size, commands in it. */
export function createWorkspace(
  services: AgentServices,
  root: WorkspaceRoot,
  snapshots: Snapshots,
  busy: { readonly terminals: () => number; readonly transfers: () => number },
): { handlers: WorkspaceHandlers } {
  const runner = new CommandRunner(services, root);
  const status = new GitStatus(services, root);
  let cloning = false;
  let size: { bytes: Promise<number>; at: number } | null = null;
  const handlers: WorkspaceHandlers = {
    "workspace.status": async () => ({ git: await status.get() }),
    "workspace.clone": async (request) => {
      if (cloning) throw new AppError("conflict", "a clone is under way already");
      cloning = true;
      await cloneRepository(services, root, request).finally(() => {
        cloning = false;
      });
      return {};
    },
    "workspace.size": async () => {
      const now = performance.now();
      if (size === null || now - size.at > sizeKeptMs)
        size = { bytes: measure([root.path, services.config.home], services.environment), at: now };
      return { bytes: await size.bytes };
    },
    "workspace.activity": () => ({
      terminals: busy.terminals(),
      commands: runner.running + (cloning ? 1 : 0),
      transfers: busy.transfers(),
    }),
    "workspace.snapshot": async () => ({ snapshot: await snapshots.take() }),
    "workspace.execute": (request) => runner.run(request),
    "workspace.cancel": ({ executionId }) => {
      runner.cancel(executionId);
      return {};
    },
  };
  return { handlers };
}

/** What the directories take on disk; du counts what has several names once. */
async function measure(paths: string[], env: Readonly<Record<string, string>>): Promise<number> {
  const result = await runProcess("du", ["-skx", "--", ...paths], {
    cwd: "/",
    env,
    timeoutMs: 120_000,
    maxBytes: 64 * 1024,
  });
  // What vanished while du looked, or may not be read, makes it complain, not fail.
  const lines = result.stdout.toString("utf8").trim().split("\n");
  const kibibytes = lines.map((line) => Number.parseInt(line, 10)).filter((count) => Number.isFinite(count));
  return kibibytes.reduce((sum, count) => sum + count, 0) * 1024;
}
