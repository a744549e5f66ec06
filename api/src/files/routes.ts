import {
  AppError,
  deleteFile,
  ETag,
  listFiles,
  maxFileBytes,
  parseOrRefuse,
  readFile,
  uploadFiles,
  WorkspacePath,
  writeFile,
} from "@remote-claude/protocol";
import type { Request } from "express";
import { z } from "zod";
import { beginUnasked } from "../acts/index.ts";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { implement, sent } from "../http/implement.ts";
import { describeDownload, sendBody } from "../http/send-body.ts";
import { assertRunning } from "../sessions/index.ts";
import { receiveFiles } from "./receive-files.ts";

const IfMatch = z.union([ETag, z.literal("*")]);

/** What a precondition header says; undefined without one. */
function precondition<T extends z.ZodType>(
  request: Request,
  name: string,
  schema: T,
): z.infer<T> | undefined {
  const value = request.get(name);
  return value === undefined ? undefined : parseOrRefuse(schema, value, name);
}

/** Whether the client has this version already (RFC 9110: weak comparison, a list, or any). */
function isKnown(request: Request, etag: string | null): boolean {
  const header = request.get("If-None-Match");
  if (header === undefined || etag === null) return false;
  return header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

interface Act {
  readonly context: Context;
  readonly principal: Principal;
  readonly params: { readonly sessionId: string };
}

/** What was read has its row before it leaves. */
function recordRead({ context, principal, params }: Act, action: FileAction, target: string, details = {}) {
  const { sessionId } = params;
  return record(context.db, { action, actor: principal, sessionId, target, details });
}
type FileAction = "file.read" | "file.downloaded";

/** What changes files happens in the session, not in the database: it is on record once it has happened. */
async function changing<Done>(
  { context, principal, params }: Act,
  action: "file.written" | "file.deleted" | "file.uploaded",
  target: string,
  change: (act: string) => Promise<Done>,
  details: (done: Done) => Record<string, unknown> = () => ({}),
): Promise<Done> {
  const { sessionId } = params;
  const act = await beginUnasked(context, { action, actor: principal, sessionId, target });
  try {
    const done = await change(act.id);
    await act.done(details(done));
    return done;
  } catch (error) {
    await act.failed(error);
    throw error;
  }
}
const sizeOf = ({ size }: { size: number }) => ({ size });

/** REST routes of files. The agent confines every path to the workspace. */
export const fileRoutes = {
  listFiles: implement(listFiles, async ({ context, session, params, query }) => {
    assertRunning(session.session);
    return context.agents.request(params.sessionId, "file.list", { path: query.path });
  }),

  readFile: implement(readFile, async (input): Promise<typeof sent> => {
    assertRunning(input.session.session);
    const { context, params, query, request, response } = input;
    const { sessionId, path } = params;
    const archive = query.archive === "1";
    const transfer = await context.agents.read(sessionId, { path, archive });
    try {
      describeDownload(response, archive ? `${baseName(path)}.tar.gz` : baseName(path));
      if (transfer.etag !== null) response.set("ETag", transfer.etag);
      if (transfer.modifiedAt !== null)
        response.set("Last-Modified", new Date(transfer.modifiedAt).toUTCString());
      if (isKnown(request, transfer.etag)) {
        response.status(304).end();
        return sent;
      }
      if (transfer.size !== null) response.set("Content-Length", String(transfer.size));
      // Nothing of the content leaves the session.
      if (request.method === "HEAD") {
        response.end();
        return sent;
      }
      const action = archive || query.download === "1" ? "file.downloaded" : "file.read";
      await recordRead(input, action, path, { size: transfer.size });
      await sendBody(response, transfer.body);
      return sent;
    } finally {
      transfer.discard();
    }
  }),

  writeFile: implement(writeFile, async (input) => {
    assertRunning(input.session.session);
    const { context, params, query, request, response } = input;
    if (Number(request.get("Content-Length") ?? 0) > maxFileBytes)
      throw new AppError("too_large", `At most ${maxFileBytes / 1024 / 1024} MiB are accepted.`);
    const ifMatch = precondition(request, "If-Match", IfMatch);
    const ifNoneMatch = precondition(request, "If-None-Match", z.literal("*"));
    const conditions = { ...(ifMatch && { ifMatch }), ...(ifNoneMatch && { ifNoneMatch }) };
    const target = { path: params.path, maxBytes: maxFileBytes, ...conditions };
    const action = query.upload === "1" ? "file.uploaded" : "file.written";
    const done = await changing(
      input,
      action,
      params.path,
      (act) => context.agents.write(params.sessionId, { ...target, act }, request),
      sizeOf,
    );
    if (done.etag !== undefined) response.set("ETag", done.etag);
    return done;
  }),

  deleteFile: implement(deleteFile, async (input) => {
    assertRunning(input.session.session);
    const { context, params, request } = input;
    const ifMatch = precondition(request, "If-Match", IfMatch);
    const payload = { path: params.path, ...(ifMatch && { ifMatch }) };
    await changing(input, "file.deleted", params.path, (act) =>
      context.agents.request(params.sessionId, "file.delete", payload, { act }),
    );
  }),

  uploadFiles: implement(uploadFiles, async (input) => {
    assertRunning(input.session.session);
    const { context, params, query, request } = input;
    const files = await receiveFiles(request, async (name, body) => {
      const path = WorkspacePath.safeParse(query.path === "" ? name : `${query.path}/${name}`);
      if (!path.success)
        throw new AppError("bad_request", `“${name.slice(0, 100)}” is no name for a file here.`);
      const target = { path: path.data, maxBytes: maxFileBytes };
      const done = await changing(
        input,
        "file.uploaded",
        path.data,
        (act) => context.agents.write(params.sessionId, { ...target, act }, body),
        sizeOf,
      );
      return { ...done, path: path.data };
    });
    return { files };
  }),
};
