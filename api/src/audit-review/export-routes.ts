import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import {
  type AuditFilter,
  exportAuditBundle,
  exportAuditLines,
  exportAuditTable,
} from "@remote-claude/protocol";
import type { Response } from "express";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { implement, sent } from "../http/implement.ts";
import { describeDownload, sendBody } from "../http/send-body.ts";
import { bundleOf } from "./bundle/bundle.ts";
import { asLines, asTable, type Count } from "./export-rows.ts";

interface Export {
  readonly context: Context;
  readonly principal: Principal;
  readonly query: AuditFilter;
  readonly response: Response;
}

/** What differs between the formats. */
interface Format {
  readonly name: "csv" | "jsonl" | "bundle";
  readonly ending: string;
  readonly type: string;
  body(about: { count: Count; name: string }): AsyncGenerator<string | Buffer>;
}

/**
 * Streams, in the memory of a page. On record twice: before the first byte, so that no export goes without, and after
 * the last, with how many rows went out; both rows have the request's id.
 */
async function send({ context, principal, query, response }: Export, format: Format): Promise<typeof sent> {
  const note = (details: Record<string, unknown>, result: "success" | "failed" = "success") =>
    record(context.db, {
      action: "audit.exported",
      actor: principal,
      result,
      details: { format: format.name, ...details },
    });
  await note({ filter: query });
  const name = `audit-${context.clock.now().toISOString().slice(0, 19).replaceAll(/[:T]/g, "-")}`;
  describeDownload(response, `${name}.${format.ending}`);
  response.type(format.type);
  let rows = 0;
  const count: Count = (more) => {
    rows += more;
  };
  // One piece waits at most: each is a page.
  const body = Readable.from(format.body({ count, name }), { highWaterMark: 1 });
  try {
    await sendBody(response, format.name === "bundle" ? gzipped(body) : body);
  } finally {
    const complete = response.writableFinished;
    await note({ rows, complete }, complete ? "success" : "failed");
  }
  return sent;
}

/** Each end hears of the other's. */
function gzipped(body: Readable): Readable {
  // What breaks is told by the stream that is returned.
  return pipeline(body, createGzip(), () => {});
}

export const auditExportRoutes = {
  exportAuditTable: implement(exportAuditTable, (input) =>
    send(input, {
      name: "csv",
      ending: "csv",
      type: "text/csv",
      body: ({ count }) => asTable(input.context.db, input.query, count),
    }),
  ),

  exportAuditLines: implement(exportAuditLines, (input) =>
    send(input, {
      name: "jsonl",
      ending: "jsonl",
      type: "application/x-ndjson",
      body: ({ count }) => asLines(input.context.db, input.query, count),
    }),
  ),

  exportAuditBundle: implement(exportAuditBundle, (input) =>
    send(input, {
      name: "bundle",
      ending: "tar.gz",
      type: "application/octet-stream",
      body: ({ count, name }) =>
        bundleOf(input.context, input.principal, { name, filter: input.query, count }),
    }),
  ),
};
