import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import type { RewindFate } from "@remote-claude/protocol";
import * as z from "zod";

/** A copy of a file; without a name: there was no file. */
const Copy = z.object({ backupFileName: z.string().nullable(), version: z.int() });
type Copy = z.infer<typeof Copy>;
const Entry = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("file-history-snapshot"),
    messageId: z.string(),
    snapshot: z.object({ trackedFileBackups: z.record(z.string(), Copy) }),
  }),
  z.object({
    type: z.literal("file-history-delta"),
    snapshotMessageId: z.string(),
    trackingPath: z.string(),
    backup: Copy,
  }),
]);

/**
 * Which files Claude Code has copies of, by what its transcript notes of them: what it would do with each when it goes
 * back. Its own preview names the files, but not which of them it would delete.
 */
export class FileHistory {
  readonly #workspace: string;
  /** By prompt, in the order in which they were sent: the copies from before it, by path. */
  readonly #snapshots = new Map<string, Map<string, Copy>>();

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  /** Takes in an entry of the transcript; most are of something else. */
  hear(line: unknown): void {
    const { data: entry } = Entry.safeParse(line);
    if (entry === undefined) return;
    if (entry.type === "file-history-delta") {
      this.#snapshots.get(entry.snapshotMessageId)?.set(this.#absolute(entry.trackingPath), entry.backup);
      return;
    }
    const copies = Object.entries(entry.snapshot.trackedFileBackups);
    const byPath = new Map(copies.map(([path, copy]) => [this.#absolute(path), copy]));
    this.#snapshots.set(entry.messageId, byPath);
  }

  /** What becomes of the file when everything is as it was before the prompt; undefined where nothing is known. */
  fateOf(path: string, messageId: string): RewindFate | undefined {
    const copy = this.#copyOf(path, messageId);
    if (copy === undefined) return undefined;
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (copy.backupFileName === null) return isThere ? "deleted" : undefined;
    return isThere ? "changed" : "restored";
  }

  /** Files that are not there any more and would be; of an empty one Claude Code's preview says nothing. */
  missing(messageId: string): string[] {
    const paths = new Set([...this.#snapshots.values()].flatMap((copies) => [...copies.keys()]));
    return [...paths].filter((path) => this.fateOf(path, messageId) === "restored");
  }

  /** A file that was not edited until later was before the prompt as it was before the first edit. */
  #copyOf(path: string, messageId: string): Copy | undefined {
    const known = this.#snapshots.get(messageId);
    if (known === undefined) return undefined;
    const own = known.get(path);
    if (own !== undefined) return own;
    const all = [...this.#snapshots.values()].map((copies) => copies.get(path));
    return all.find((copy) => copy?.version === 1);
  }

  #absolute(path: string): string {
    return resolve(this.#workspace, path);
  }
}
