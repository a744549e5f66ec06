import * as z from "zod";
import { Id, Time, WorkspacePath } from "../ids.ts";
import { command, event } from "./message.ts";

export const FileType = z.enum(["file", "directory", "other"]);

export const FileEntry = z.object({
  name: z.string(),
  path: WorkspacePath,
  /** Of what a symlink leads to; "other" for sockets, devices and links that lead out or nowhere. */
  type: FileType,
  symlink: z.boolean(),
  size: z.int().nonnegative(),
  modifiedAt: Time,
  /** .gitignore names it. */
  ignored: z.boolean(),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** A strong ETag: the SHA-256 of the content, in hex, in double quotes. */
export const ETag = z.string().regex(/^"[0-9a-f]{64}"$/);

export const fileList = command("file.list", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({ path: WorkspacePath }),
  /** Directories first, then by name; at most 10,000 entries, `truncated` beyond that. */
  reply: z.object({ entries: z.array(FileEntry), truncated: z.boolean() }),
});

export const fileStat = command("file.stat", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({ path: WorkspacePath }),
  reply: z.object({ entry: FileEntry }),
});

export const fileMakeDirectory = command("file.make-directory", {
  to: "agent",
  needs: "session.use",
  scope: "files:write",
  payload: z.object({ path: WorkspacePath.min(1) }),
  reply: z.object({}),
  audit: { action: "directory.created", details: ["path"] },
});

export const fileMove = command("file.move", {
  to: "agent",
  needs: "session.use",
  scope: "files:write",
  /** `conflict` if `to` exists and `overwrite` is not set. */
  payload: z.object({
    from: WorkspacePath.min(1),
    to: WorkspacePath.min(1),
    overwrite: z.boolean().optional(),
  }),
  reply: z.object({}),
  audit: { action: "file.moved", details: ["from", "to"] },
});

export const fileDelete = command("file.delete", {
  to: "agent",
  needs: "session.use",
  scope: "files:write",
  /** With `ifMatch` only that version of a file. */
  payload: z.object({ path: WorkspacePath.min(1), ifMatch: z.union([ETag, z.literal("*")]).optional() }),
  reply: z.object({}),
  audit: { action: "file.deleted", details: ["path"] },
});

/** Paths whose letters match the query in order (what "go to file" needs), best first. */
export const fileFind = command("file.find", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({ query: z.string().max(500), limit: z.int().min(1).max(200) }),
  reply: z.object({ paths: z.array(WorkspacePath) }),
});

/** What the code of the workspace declares, by names that fit the query, best first. */
export const fileFindSymbols = command("file.find-symbols", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({ query: z.string().max(500), limit: z.int().min(1).max(200) }),
  reply: z.object({
    symbols: z.array(
      z.object({
        name: z.string().max(200),
        /** "function", "class", "method" and so on. */
        kind: z.string().max(40),
        path: WorkspacePath,
        line: z.int().positive(),
      }),
    ),
  }),
});

export const SearchMatch = z.object({
  path: WorkspacePath,
  line: z.int().positive(),
  column: z.int().positive(),
  length: z.int().nonnegative(),
  /** The line, cut to 500 characters. */
  text: z.string(),
});

/** Text search through the workspace with ripgrep. */
export const fileSearch = command("file.search", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({
    query: z.string().min(1).max(1000),
    regex: z.boolean(),
    caseSensitive: z.boolean(),
    wholeWord: z.boolean(),
    limit: z.int().min(1).max(2000),
  }),
  reply: z.object({ matches: z.array(SearchMatch), truncated: z.boolean() }),
});

/**
 * Prepares one transfer of bytes over HTTP on agent.sock: `GET` (read, archive, patch) or `PUT` (write, extract) of
 * `/transfers/<ticket>`, once, within 30 seconds.
 * - read: a file. `archive`: a directory as .tar.gz.
 * - write: a file, atomically; parents are made. `ifMatch` is an ETag or "*" (must exist), `ifNoneMatch` "*" (must
 *   not exist): `precondition_failed` with `details.etag` otherwise. The answer's body is `TransferDone`.
 * - patch: what changed between two snapshots (`workspace.snapshot`), as `git diff --binary` writes it; `path` is "".
 * - extract: a .zip or .tar.gz into the directory `path`; entries that lead out, links that lead out and archives
 *   over the limits are refused, and nothing of them is left behind.
 */
export const fileOpenTransfer = command("file.open-transfer", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({
    direction: z.enum(["read", "archive", "patch", "write", "extract"]),
    path: WorkspacePath,
    snapshots: z.object({ from: z.string().max(64), to: z.string().max(64) }).optional(),
    ifMatch: z.union([ETag, z.literal("*")]).optional(),
    ifNoneMatch: z.literal("*").optional(),
    maxBytes: z.int().positive().optional(),
    /** The number of the act that writing is. */
    act: Id.optional(),
  }),
  reply: z.object({
    ticket: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    /** Of the file to be read. */
    size: z.int().nonnegative().optional(),
    etag: ETag.optional(),
    modifiedAt: Time.optional(),
  }),
});

export const TransferDone = z.object({
  size: z.int().nonnegative(),
  etag: ETag.optional(),
  created: z.boolean(),
});
export type TransferDone = z.infer<typeof TransferDone>;

export const FileChange = z.object({ path: WorkspacePath, type: z.enum(["created", "changed", "deleted"]) });
export type FileChange = z.infer<typeof FileChange>;

/**
 * What the watcher saw, gathered over some 50 ms; directories and files that .gitignore names are left out (but
 * not the ignored names themselves at their root). `overflow`: too much happened, read again what you show.
 */
export const fileChanged = event("file.changed", {
  from: "agent",
  keep: "none",
  reach: "session",
  payload: z.object({ changes: z.array(FileChange).max(1000), overflow: z.boolean() }),
});
