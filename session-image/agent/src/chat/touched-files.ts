import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { SDKMessage } from "@anthropic-ai/claude-agent-sdk";
import * as z from "zod";

const maxFiles = 5000;
/** Larger files are known by their time and size instead of their contents. */
const maxHashedBytes = 16 * 1024 * 1024;
const Marks = z.record(z.string(), z.string());

/**
 * What the files looked like when Claude had last changed them in one conversation: a file that looks otherwise by now
 * was changed by somebody else. Kept in a small file beside the journal.
 */
export class TouchedFiles {
  readonly #path: string;
  #marks: Map<string, string>;

  constructor(path: string) {
    this.#path = path;
    this.#marks = new Map(Object.entries(readMarks(path)));
  }

  /** Takes note of what a tool has just written. */
  hear(message: SDKMessage): void {
    if (message.type !== "user") return;
    const result = message.tool_use_result;
    if (typeof result !== "object" || result === null) return;
    // What Write, Edit and NotebookEdit say; a file that was only read is named elsewhere.
    const { filePath, notebook_path: notebookPath } = result as Record<string, unknown>;
    const path = filePath ?? notebookPath;
    if (typeof path === "string" && path.startsWith("/")) this.note([path]);
  }

  /** These files are now as Claude left them. */
  note(paths: readonly string[]): void {
    for (const path of paths) {
      this.#marks.delete(path);
      this.#marks.set(path, markOf(path));
    }
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= maxFiles) break;
      this.#marks.delete(oldest);
    }
    this.#save();
  }

  /** Whether somebody else has changed it since; where nothing is known of it, they may have. */
  isChangedSince(path: string): boolean {
    const mark = this.#marks.get(path);
    return mark === undefined || mark !== markOf(path);
  }

  copyFrom(other: TouchedFiles): void {
    this.#marks = new Map(other.#marks);
    this.#save();
  }

  #save(): void {
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(Object.fromEntries(this.#marks)), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // A full disk: what is not known counts as changed by somebody else, which asks rather than loses.
    }
  }
}

/** What a file looks like. */
function markOf(path: string): string {
  let fd: number;
  try {
    // Without waiting for whoever writes into a pipe of that name.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return "absent";
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > maxHashedBytes) return `${stats.size} ${stats.mtimeMs}`;
    return createHash("sha256").update(readFileSync(fd)).digest("base64url");
  } catch {
    return "unreadable";
  } finally {
    closeSync(fd);
  }
}

function readMarks(path: string): Record<string, string> {
  try {
    return Marks.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return {};
  }
}
