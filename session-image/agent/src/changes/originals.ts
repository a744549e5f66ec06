import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { WorkspacePath } from "@remote-claude/protocol";
import * as z from "zod";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { missing, readCurrent, type Version } from "./sides.ts";

/** What is kept of a file before it is edited; of a larger one only that it was edited. */
const maxOriginalBytes = 8 * 1024 * 1024;
const maxFiles = 5_000;
/** Edits that were asked for and neither done nor refused yet. */
const maxPending = 200;

const Line = z.object({
  path: WorkspacePath.min(1),
  original: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("missing") }),
    z.object({
      kind: z.literal("bytes"),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      executable: z.boolean(),
    }),
    z.object({ kind: z.literal("large"), size: z.int().nonnegative() }),
    z.object({ kind: z.literal("other"), what: z.string() }),
  ]),
});
type Original = z.infer<typeof Line>["original"];

interface Pending {
  readonly conversationId: string;
  readonly path: string;
  readonly version: Promise<Version>;
}

/**
 * Each file as it was before Claude's first edit of it in a conversation: read when Claude Code is about to edit,
 * kept when the edit was done. What commands change is not among it: nobody knows beforehand what they will touch.
 */
export class Originals {
  readonly #root: WorkspaceRoot;
  readonly #directory: string;
  readonly #pending = new Map<string, Pending>();
  readonly #known = new Map<string, Promise<Map<string, Original>>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(root: WorkspaceRoot, stateDirectory: string) {
    this.#root = root;
    this.#directory = join(stateDirectory, "changes", "originals");
  }

  /** Claude Code is about to edit a file. Resolves when its content is read. */
  async before(conversationId: string, toolUseId: string, file: string): Promise<void> {
    const path = this.#pathOf(file);
    if (path === null || (await this.#load(conversationId)).has(path)) return;
    const version = readCurrent(this.#root, path);
    if (this.#pending.size >= maxPending) this.#pending.delete(this.#pending.keys().next().value ?? "");
    this.#pending.set(toolUseId, { conversationId, path, version });
    await version.catch(() => undefined);
  }

  /** The edit was done (or, without `done`, refused). Resolves when the original is kept. */
  async after(toolUseId: string, done: boolean): Promise<void> {
    const pending = this.#pending.get(toolUseId);
    this.#pending.delete(toolUseId);
    if (pending === undefined || !done) return;
    const version = await pending.version;
    // One after the other: of two edits of one file the first counts.
    const kept = this.#turn.then(() => this.#keep(pending, version));
    this.#turn = kept.catch(() => undefined);
    await kept;
  }

  /** The files that were edited in the conversation. */
  async paths(conversationId: string): Promise<string[]> {
    return [...(await this.#load(conversationId)).keys()];
  }

  async read(conversationId: string, path: string): Promise<Version> {
    const original = (await this.#load(conversationId)).get(path);
    if (original === undefined) return missing;
    if (original.kind !== "bytes") return original;
    const { sha256, executable } = original;
    return { kind: "bytes", bytes: await readFile(this.#blob(sha256)), executable };
  }

  async #keep({ conversationId, path }: Pending, version: Version): Promise<void> {
    const known = await this.#load(conversationId);
    if (known.has(path) || known.size >= maxFiles) return;
    await mkdir(join(this.#directory, "blobs"), { recursive: true, mode: 0o700 });
    const original = await this.#store(version);
    await appendFile(this.#list(conversationId), `${JSON.stringify({ path, original })}\n`, { mode: 0o600 });
    known.set(path, original);
  }

  async #store(version: Version): Promise<Original> {
    if (version.kind !== "bytes") return version;
    const { bytes, executable } = version;
    if (bytes.length > maxOriginalBytes) return { kind: "large", size: bytes.length };
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const temporary = join(this.#directory, "blobs", `new-${randomBytes(9).toString("base64url")}`);
    await writeFile(temporary, bytes, { mode: 0o600, flag: "wx" });
    await rename(temporary, this.#blob(sha256));
    return { kind: "bytes", sha256, executable };
  }

  #load(conversationId: string): Promise<Map<string, Original>> {
    const known = this.#known.get(conversationId);
    if (known !== undefined) return known;
    const loading = readFile(this.#list(conversationId), "utf8").then(parseList, () => new Map());
    this.#known.set(conversationId, loading);
    return loading;
  }

  /** The workspace's name for what Claude Code names; null for what lies elsewhere, its own plans for example. */
  #pathOf(file: string): string | null {
    const path = isAbsolute(file) ? this.#root.nameOf(file) : file;
    const parsed = WorkspacePath.min(1).safeParse(path);
    return parsed.success && !path.startsWith(".git/") ? parsed.data : null;
  }

  #list(conversationId: string): string {
    return join(this.#directory, `${conversationId}.jsonl`);
  }

  #blob(sha256: string): string {
    return join(this.#directory, "blobs", sha256);
  }
}

/** A line that a crash cut off is left out. */
function parseList(text: string): Map<string, Original> {
  const found = new Map<string, Original>();
  for (const line of text.split("\n")) {
    try {
      const { path, original } = Line.parse(JSON.parse(line));
      if (!found.has(path)) found.set(path, original);
    } catch {
      // The empty last one, mostly.
    }
  }
  return found;
}
