import { dirname } from "node:path";
import type { Reply } from "@remote-claude/protocol";
import type { AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { runProcess } from "../lib/run-process.ts";

type Git = NonNullable<Reply<"workspace.status">["git"]>;
type Change = Git["changes"][number];

const maxChanges = 5_000;
const timeoutMs = 30_000;

/** The repository's state, or null without one. Questions that come while git runs share its answer. */
export class GitStatus {
  readonly #services: AgentServices;
  readonly #root: WorkspaceRoot;
  #asking: Promise<Git | null> | null = null;

  constructor(services: AgentServices, root: WorkspaceRoot) {
    this.#services = services;
    this.#root = root;
  }

  get(): Promise<Git | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<Git | null> {
    const args = ["status", "--porcelain=v2", "-z", "--branch", "--untracked-files=normal"];
    const result = await runProcess("git", args, {
      cwd: this.#root.path,
      env: {
        ...this.#services.environment,
        LC_ALL: "C",
        // Only looks: takes no lock that a person's own git would trip over.
        GIT_OPTIONAL_LOCKS: "0",
        GIT_CEILING_DIRECTORIES: dirname(this.#root.path),
      },
      timeoutMs,
      maxBytes: 8 * 1024 * 1024,
    }).catch(() => null);
    if (result === null || result.exitCode !== 0) return null;
    return parseStatus(result.stdout.toString("utf8"));
  }
}

/** Reads `git status --porcelain=v2 -z --branch`. */
export function parseStatus(text: string): Git {
  const git: Git = { branch: null, ahead: 0, behind: 0, changes: [] };
  const records = text.split("\0");
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? "";
    if (record.startsWith("# ")) readHeader(record, git);
    else {
      const change = readChange(record);
      if (change !== null && git.changes.length < maxChanges) git.changes.push(change);
      // A rename is followed by the path it came from.
      if (record.startsWith("2 ")) at += 1;
    }
  }
  return git;
}

function readHeader(record: string, git: Git): void {
  const branch = /^# branch\.head (.*)$/s.exec(record)?.[1];
  if (branch !== undefined) git.branch = branch === "(detached)" ? null : branch;
  const counts = /^# branch\.ab \+(\d+) -(\d+)$/.exec(record);
  if (counts === null) return;
  git.ahead = Number(counts[1]);
  git.behind = Number(counts[2]);
}

/** How many space-separated fields stand before the path. */
const fieldsBefore: Record<string, number> = { "1": 8, "2": 9, u: 10, "?": 1 };

function readChange(record: string): Change | null {
  const kind = record[0] ?? "";
  const count = fieldsBefore[kind];
  if (count === undefined) return null;
  const path = record.split(" ").slice(count).join(" ").replace(/\/$/, "");
  if (path === "" || path.length > 4095) return null;
  return { path, status: statusOf(kind, record.slice(2, 4)) };
}

function statusOf(kind: string, code: string): Change["status"] {
  if (kind === "?") return "untracked";
  if (kind === "u") return "conflicted";
  if (code.includes("D")) return "deleted";
  if (code.includes("A")) return "added";
  return kind === "2" ? "renamed" : "modified";
}
