import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, type Payload, type Reply } from "@remote-claude/protocol";
import type { RunResult } from "../lib/run-process.ts";
import { type Git, type GitOptions, outputOf } from "./git.ts";

/** Hooks may run a project's tests. */
const timeoutMs = 600_000;

/** Commits as a person would on the command line: their settings and hooks have their say. */
export async function commit(
  git: Git,
  stateDirectory: string,
  { message, author, paths }: Payload<"changes.commit">,
): Promise<Reply<"changes.commit">> {
  const directory = join(stateDirectory, "changes", `commit-${randomBytes(6).toString("hex")}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const messageFile = join(directory, "message");
    await writeFile(messageFile, message.endsWith("\n") ? message : `${message}\n`);
    // Their names may be more than a command line holds.
    const named = join(directory, "paths");
    if (paths !== null) await writeFile(named, paths.map((path) => `${path}\0`).join(""));
    const which = paths === null ? [] : [`--pathspec-from-file=${named}`, "--pathspec-file-nul"];
    const options = { env: identity(author), timeoutMs, maxBytes: 256 * 1024 };
    await attempt(git, ["add", "--all", ...(paths === null ? ["--", "."] : which)], options);
    const only = paths === null ? [] : ["--only", ...which];
    const result = await attempt(git, ["commit", "--file", messageFile, ...only], options);
    const head = await git.find(["rev-parse", "HEAD"]);
    if (head === null) throw new AppError("unavailable", "git does not say what it committed");
    return { commit: head, output: outputOf(result) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function identity({ name, email }: Payload<"changes.commit">["author"]): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    // Nobody is there to write into an editor.
    GIT_EDITOR: "true",
  };
}

async function attempt(git: Git, args: string[], options: GitOptions): Promise<RunResult> {
  const result = await git.run(args, options);
  if (result.timedOut) throw new AppError("timeout", "git, or a hook of it, took longer than ten minutes");
  if (result.exitCode === 0) return result;
  const output = outputOf(result);
  const first = output.split("\n").find((line) => line.trim() !== "") ?? "git gave no reason";
  throw new AppError("bad_request", `git did not commit: ${first.slice(0, 300)}`, { details: { output } });
}
