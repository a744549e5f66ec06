import * as z from "zod";
import { Id, WorkspacePath } from "../ids.ts";
import { FileEntry, TransferDone } from "../messages/file.ts";
import { route } from "./route.ts";
import { SessionParams } from "./sessions.ts";

const FileParams = z.object({ sessionId: Id, path: WorkspacePath.min(1, "a path is needed") });

/** Largest file that PUT and upload take. */
export const maxFileBytes = 512 * 1024 * 1024;
/** Largest archive that makes a session. */
export const maxArchiveBytes = 512 * 1024 * 1024;

export const listFiles = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/files",
  summary: "List a directory",
  needs: "session.view",
  scope: "files:read",
  params: SessionParams,
  query: z.object({ path: WorkspacePath.default("") }),
  reply: z.object({ entries: z.array(FileEntry), truncated: z.boolean() }),
  errors: ["not_found", "session_not_ready"],
});

export const uploadFiles = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/files",
  summary: "Upload files (multipart) into a directory; a part's file name may hold slashes",
  needs: "session.use",
  scope: "files:write",
  params: SessionParams,
  query: z.object({ path: WorkspacePath.default("") }),
  accepts: "multipart/form-data",
  reply: z.object({ files: z.array(TransferDone.extend({ path: WorkspacePath })) }),
  status: 201,
  errors: ["too_large", "session_not_ready"],
});

export const readFile = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/files/{path}",
  summary: "A file's bytes, with ETag (If-None-Match gives 304); a directory as .tar.gz with ?archive=1",
  needs: "session.view",
  scope: "files:read",
  params: FileParams,
  query: z.object({ archive: z.literal("1").optional(), download: z.literal("1").optional() }),
  answers: "application/octet-stream",
  errors: ["not_found", "session_not_ready"],
});

export const writeFile = route({
  method: "PUT",
  path: "/api/sessions/{sessionId}/files/{path}",
  summary:
    "Write a file, atomically. With If-Match only over that version, with If-None-Match: * only a new one; with ?upload=1 it is on record as an upload",
  needs: "session.use",
  scope: "files:write",
  params: FileParams,
  query: z.object({ upload: z.literal("1").optional() }),
  accepts: "application/octet-stream",
  reply: TransferDone,
  errors: ["precondition_failed", "too_large", "session_not_ready"],
});

export const deleteFile = route({
  method: "DELETE",
  path: "/api/sessions/{sessionId}/files/{path}",
  summary: "Delete a file, or a directory and all in it",
  needs: "session.use",
  scope: "files:write",
  params: FileParams,
  status: 204,
  errors: ["not_found", "precondition_failed"],
});
