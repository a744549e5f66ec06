import { randomBytes } from "node:crypto";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AppError, type ChangedFile, type CommitAuthor, WorkspacePath } from "@remote-claude/protocol";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { errorCode } from "../lib/system-errors.ts";
import type { Git } from "./git.ts";
import { maxKeptBytes, missing, type Version } from "./sides.ts";

const listBytes = 32 * 1024 * 1024;
const listTimeoutMs = 60_000;

export interface Repository {
  readonly branch: string | null;
  readonly author: CommitAuthor | null;
  readonly hasCommits: boolean;
}

/** The workspace against the last commit, as git tells it. */
export class CommitBase {
  readonly #git: Git;
  readonly #root: WorkspaceRoot;
  readonly #scratch: string;

  constructor(git: Git, root: WorkspaceRoot, stateDirectory: string) {
    this.#git = git;
    this.#root = root;
    this.#scratch = join(stateDirectory, "changes");
  }

  /** null: the workspace is no repository. */
  async repository(): Promise<Repository | null> {
    if (!(await this.#git.isRepository())) return null;
    const [branch, head, name, email] = await Promise.all([
      this.#git.find(["symbolic-ref", "--short", "-q", "HEAD"]),
      this.#head(),
      this.#git.find(["config", "user.name"]),
      this.#git.find(["config", "user.email"]),
    ]);
    const author =
      name === null || email === null || name === "" || email === ""
        ? null
        : { name: name.slice(0, 200).toWellFormed(), email: email.slice(0, 320).toWellFormed() };
    return { branch: branch?.slice(0, 500) ?? null, author, hasCommits: head !== null };
  }

  /** Every file that differs, renames found by their content. */
  async list(): Promise<ChangedFile[]> {
    const against = (await this.#head()) ?? (await this.#emptyTree());
    return this.#withOwnIndex(async (env) => {
      const options = { env, maxBytes: listBytes, timeoutMs: listTimeoutMs };
      // Before what follows settles them in our copy.
      const unmerged = await this.#git.look(["ls-files", "--unmerged", "-z"], options);
      // New files are made known to an index of ours, so that git compares and counts them too.
      await this.#git.run(["add", "--intent-to-add", "--", "."], options);
      const diff = ["diff", "--no-ext-diff", "--no-textconv", "--find-renames", "-z", against, "--"];
      const [raw, counts] = await Promise.all([
        this.#git.look([...diff.slice(0, 4), "--raw", ...diff.slice(4)], options),
        this.#git.look([...diff.slice(0, 4), "--numstat", ...diff.slice(4)], options),
      ]);
      const conflicted = parseUnmerged(unmerged.toString("utf8"));
      const marked = parseRaw(raw.toString("utf8")).map((mark) =>
        conflicted.has(mark.path) ? { ...mark, status: "conflicted" as const } : mark,
      );
      return withCounts(marked, parseNumstat(counts.toString("utf8")));
    });
  }

  /** The file as it was committed, with what git does to it at checkout (line ends, filters). */
  async read(path: string): Promise<Version> {
    const head = await this.#head();
    if (head === null) return missing;
    const entry = parseTreeEntry(
      await this.#git.look(["ls-tree", "-l", "-z", head, "--", path]).then((bytes) => bytes.toString("utf8")),
    );
    if (entry === null) return missing;
    if (entry.mode === "120000") return { kind: "other", what: "a link" };
    if (entry.type !== "blob") return { kind: "other", what: "a submodule or a directory" };
    if (entry.size > maxKeptBytes) return { kind: "large", size: entry.size };
    const options = { maxBytes: maxKeptBytes + 1, timeoutMs: listTimeoutMs };
    const smudged = await this.#git.run(["cat-file", "--filters", `${head}:${path}`], options);
    const bytes =
      smudged.exitCode === 0
        ? smudged.stdout
        : await this.#git.look(["cat-file", "blob", entry.object], options);
    if (bytes.length > maxKeptBytes) return { kind: "large", size: bytes.length };
    return { kind: "bytes", bytes, executable: entry.mode === "100755" };
  }

  #head(): Promise<string | null> {
    return this.#git.find(["rev-parse", "--verify", "-q", "HEAD^{commit}"]);
  }

  async #emptyTree(): Promise<string> {
    const tree = await this.#git.find(["hash-object", "-t", "tree", "/dev/null"]);
    if (tree === null) throw new AppError("unavailable", "git could not look at the workspace");
    return tree;
  }

  /** With a copy of the index, so that the person's own is not touched. */
  async #withOwnIndex<T>(run: (env: Record<string, string>) => Promise<T>): Promise<T> {
    await mkdir(this.#scratch, { recursive: true, mode: 0o700 });
    const copy = join(this.#scratch, `index-${randomBytes(6).toString("hex")}`);
    const index = await this.#git.find(["rev-parse", "--git-path", "index"]);
    try {
      if (index !== null)
        await copyFile(resolve(this.#root.path, index), copy).catch((error: unknown) => {
          // Nothing was ever added.
          if (errorCode(error) !== "ENOENT") throw error;
        });
      return await run({ GIT_INDEX_FILE: copy });
    } finally {
      await rm(copy, { force: true });
      await rm(`${copy}.lock`, { force: true });
    }
  }
}

type Marked = Pick<ChangedFile, "path" | "from" | "status">;

const isPath = (path: string) => path !== "" && WorkspacePath.safeParse(path).success;

const statuses: Record<string, ChangedFile["status"]> = {
  A: "added",
  D: "deleted",
  M: "modified",
  T: "modified",
  U: "modified",
  R: "renamed",
  C: "added",
};

/** Reads `git diff --raw -z`: `:modes objects status`, then one path, or two of a rename. */
export function parseRaw(text: string): Marked[] {
  const fields = text.split("\0");
  const found = new Map<string, Marked>();
  for (let at = 0; at < fields.length; ) {
    const letter = /^:[0-7]{6} [0-7]{6} \S+ \S+ ([A-Z])\d*$/.exec(fields[at] ?? "")?.[1];
    if (letter === undefined) {
      at += 1;
      continue;
    }
    const two = letter === "R" || letter === "C";
    const path = fields[at + (two ? 2 : 1)] ?? "";
    const before = two ? (fields[at + 1] ?? "") : "";
    at += two ? 3 : 2;
    const status = statuses[letter];
    if (status === undefined || !isPath(path) || (before !== "" && !isPath(before))) continue;
    found.set(path, { path, from: letter === "R" ? before : null, status });
  }
  return [...found.values()];
}

/** Reads `git diff --numstat -z`: `added\tremoved\tpath`, or with an empty path and two names of a rename. */
export function parseNumstat(text: string): Map<string, Pick<ChangedFile, "added" | "removed">> {
  const fields = text.split("\0");
  const counts = new Map<string, Pick<ChangedFile, "added" | "removed">>();
  for (let at = 0; at < fields.length; ) {
    const [, added, removed, own] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[at] ?? "") ?? [];
    if (added === undefined || removed === undefined || own === undefined) {
      at += 1;
      continue;
    }
    const path = own === "" ? (fields[at + 2] ?? "") : own;
    at += own === "" ? 3 : 1;
    counts.set(path, { added: countOf(added), removed: countOf(removed) });
  }
  return counts;
}

/** Reads `git ls-files --unmerged -z`: what a merge has left to a person. */
function parseUnmerged(text: string): Set<string> {
  return new Set(text.split("\0").flatMap((record) => /^\d+ \S+ [1-3]\t(.+)$/s.exec(record)?.[1] ?? []));
}

function countOf(text: string): number | null {
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : null;
}

function withCounts(marked: Marked[], counts: ReturnType<typeof parseNumstat>): ChangedFile[] {
  return marked.map((mark) => ({ ...mark, ...(counts.get(mark.path) ?? { added: null, removed: null }) }));
}

function parseTreeEntry(text: string): { mode: string; type: string; object: string; size: number } | null {
  const [, mode, type, object, size] = /^([0-7]{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t/.exec(text) ?? [];
  if (mode === undefined || type === undefined || object === undefined) return null;
  return { mode, type, object, size: Number(size) || 0 };
}
