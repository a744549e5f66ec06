import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError, gitAccountsPlace, type Payload } from "@remote-claude/protocol";
import type { AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { learnSshHost } from "../git-config.ts";
import { runProcess } from "../lib/run-process.ts";

const cloneTimeoutMs = 30 * 60_000;
const progressEveryMs = 250;

/** https://, http://, ssh://git@host/… and git@host:path: what egress can serve. Nothing else reaches git. */
const allowedUrl = /^(?:https?:\/\/[^\s/@]+\/\S+|ssh:\/\/git@[^\s/@]+\/\S+|git@[A-Za-z0-9.-]+:(?!\/\/)\S+)$/;

/** Names of branches begin with neither a dash nor hold what no branch has. */
const allowedBranch = /^(?!-)[^\s~^:?*[\\\p{Cc}]+$/u;

/** What git says, and what a person should be told. First match counts. */
const complaints: readonly (readonly [RegExp, string])[] = [
  [new RegExp(gitAccountsPlace), "it needs a password that is not stored, or the stored one is refused"],
  [/remote branch .* not found/i, "the repository has no such branch"],
  [
    /could not read (username|password)|authentication failed|terminal prompts disabled|returned error: 401/i,
    "the repository does not exist, or needs a password",
  ],
  [
    /returned error: 403|refused by policy/i,
    "the server, or this session's egress policy, refuses access to it",
  ],
  [/repository .* not found|returned error: 404|not found/i, "there is no such repository"],
  [/could not resolve host|returned error: 502/i, "the host is unknown, or cannot be reached"],
  [/returned error: 504|timed out/i, "the host did not answer in time"],
  [/returned error: 5\d\d/i, "the host could not serve it"],
  [
    /could not connect|connection refused|empty reply/i,
    "the way out of the session (egress) cannot be reached",
  ],
  [/transport '.*' not allowed/i, "addresses of this kind are not allowed"],
  [/no space left|quota exceeded/i, "the session's disk is full"],
];

/** Clones into the empty workspace; after a failure it is empty again. */
export async function cloneRepository(
  services: AgentServices,
  root: WorkspaceRoot,
  { url, branch }: Payload<"workspace.clone">,
): Promise<void> {
  if (!allowedUrl.test(url) || url.includes("\0"))
    throw new AppError(
      "bad_request",
      "a repository's address begins with https://, http://, ssh://git@ or git@host:, and holds no password",
    );
  if (branch !== undefined && !allowedBranch.test(branch))
    throw new AppError("bad_request", "that is no name of a branch");
  if ((await readdir(root.path)).length > 0) throw new AppError("conflict", "the workspace is not empty");
  try {
    await clone(services, root, url, branch);
  } catch (error) {
    for (const name of await readdir(root.path))
      await rm(join(root.path, name), { recursive: true, force: true });
    throw error;
  }
}

async function clone(
  services: AgentServices,
  root: WorkspaceRoot,
  url: string,
  branch: string | undefined,
): Promise<void> {
  const sshHost = /^git@([^:/]+):/.exec(url)?.[1];
  const origin = services.environment.HTTP_PROXY;
  if (sshHost !== undefined && origin !== undefined) learnSshHost(services.config, origin, sshHost);
  const progress = progressTeller((text) =>
    services.broadcast("workspace.progress", { step: "cloning", text }),
  );
  const branchOption = branch === undefined ? [] : [`--branch=${branch}`];
  const config = ["protocol.allow=never", "protocol.http.allow=always", "core.hooksPath=/dev/null"];
  const args = [
    ...config.flatMap((setting) => ["-c", setting]),
    ...["clone", "--progress", ...branchOption, "--", url, "."],
  ];
  const result = await runProcess("git", args, {
    cwd: root.path,
    env: {
      ...services.environment,
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_ASKPASS: "",
      GIT_SSH_COMMAND: "false",
    },
    timeoutMs: cloneTimeoutMs,
    maxBytes: 1024 * 1024,
    onStderr: progress,
  });
  if (result.timedOut) throw new AppError("timeout", "the clone took longer than 30 minutes");
  if (result.exitCode !== 0) throw cloneError(result.stderr.toString("utf8"));
}

function cloneError(stderr: string): AppError {
  // Progress overwrites itself with carriage returns; only whole lines of complaint are of interest.
  const words = stderr
    .split(/[\r\n]+/)
    .filter((line) => /^(fatal|error|remote|warning): /.test(line.trim()))
    .slice(-6)
    .join("\n")
    .slice(0, 1000);
  const meaning = complaints.find(([pattern]) => pattern.test(words))?.[1] ?? "git could not clone it";
  return new AppError("bad_request", words === "" ? meaning : `${meaning} (git: ${words})`, {
    details: { git: words },
  });
}

/** Tells the last line of git's progress, four times a second. */
function progressTeller(tell: (text: string) => void): (chunk: Buffer) => void {
  let toldAt = 0;
  return (chunk) => {
    const now = performance.now();
    if (now - toldAt < progressEveryMs) return;
    const line = chunk
      .toString("utf8")
      .split(/[\r\n]+/)
      .filter((text) => text.trim() !== "")
      .at(-1);
    if (line === undefined) return;
    toldAt = now;
    tell(line.trim().slice(0, 500).toWellFormed());
  };
}
