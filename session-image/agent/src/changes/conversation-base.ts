import type { ChangedFile } from "@remote-claude/protocol";
import { diffLines } from "diff";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import type { Originals } from "./originals.ts";
import { readCurrent, textOf, type Version } from "./sides.ts";

/** Beyond this many differing lines counting costs more than the number is worth. */
const maxEditLength = 3_000;
const maxCountedBytes = 1024 * 1024;

/** The workspace against what it was before Claude's edits in one conversation. */
export class ConversationBase {
  readonly #originals: Originals;
  readonly #root: WorkspaceRoot;

  constructor(originals: Originals, root: WorkspaceRoot) {
    this.#originals = originals;
    this.#root = root;
  }

  async list(conversationId: string): Promise<ChangedFile[]> {
    const changed: ChangedFile[] = [];
    for (const path of await this.#originals.paths(conversationId)) {
      const [original, current] = await Promise.all([
        this.read(conversationId, path),
        // A path that leads out of the workspace by now is no change of a file here.
        readCurrent(this.#root, path).catch((): Version => ({ kind: "missing" })),
      ]);
      const status = statusOf(original, current);
      if (status !== null) changed.push({ path, from: null, status, ...countLines(original, current) });
    }
    return changed;
  }

  read(conversationId: string, path: string): Promise<Version> {
    return this.#originals.read(conversationId, path);
  }
}

function statusOf(original: Version, current: Version): ChangedFile["status"] | null {
  if (original.kind === "missing") return current.kind === "missing" ? null : "added";
  if (current.kind === "missing") return "deleted";
  if (original.kind === "bytes" && current.kind === "bytes" && original.bytes.equals(current.bytes))
    return null;
  return "modified";
}

function countLines(original: Version, current: Version): Pick<ChangedFile, "added" | "removed"> {
  const [before, after] = [countable(original), countable(current)];
  const parts = before === null || after === null ? undefined : diffLines(before, after, { maxEditLength });
  if (parts === undefined) return { added: null, removed: null };
  const count = (of: "added" | "removed") =>
    parts.reduce((sum, part) => sum + (part[of] ? part.count : 0), 0);
  return { added: count("added"), removed: count("removed") };
}

function countable(version: Version): string | null {
  if (version.kind === "missing") return "";
  return version.kind === "bytes" && version.bytes.length <= maxCountedBytes ? textOf(version.bytes) : null;
}
