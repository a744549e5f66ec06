import { advance, type Held, keepReading, nextRows, theBeginning } from "../audit-stream/index.ts";
import type { Context } from "../context.ts";
import { NotTaken, type Sink } from "./sink.ts";
import { configuredSinks } from "./sinks.ts";

/** At most so many rows at a time. A row has up to 64 KiB of details; most have a few hundred bytes. */
const maxRows = 200;

/** Delivers the audit record to wherever it is to go until the returned function is called. */
export function keepDelivering(context: Context): () => Promise<void> {
  const ends = configuredSinks(context.config).map((sink) => {
    const batch = { rows: maxRows };
    return keepReading(context, {
      name: sink.name,
      begin: () => theBeginning(context.db),
      turn: (held, signal) => deliver(context, sink, batch, held, signal),
      explain: explainFailure,
    });
  });
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

/** `batch` says how many rows the sink is given: what it does not take may have been too much at once. */
async function deliver(
  { db }: Context,
  sink: Sink,
  batch: { rows: number },
  held: Held,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = batch.rows;
  const { rows, next } = await nextRows(db, held.position, asked);
  batch.rows = Math.max(1, asked >> 1);
  if (rows.length > 0) await sink.take(rows, signal);
  batch.rows = Math.min(maxRows, asked * 2);
  await advance(db, held, next, rows.length);
  return rows.length === asked;
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name could not be looked up",
  ECONNRESET: "it broke the connection off",
  EPIPE: "it broke the connection off",
  ETIMEDOUT: "it did not answer in time",
  EHOSTUNREACH: "there is no way to it from here",
  ENETUNREACH: "there is no way to it from here",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not one that is trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not one that is trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not one that is trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not one that is trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is of another name",
  ENOENT: "the folder is not there",
  EACCES: "it may not be written",
  EROFS: "it may not be written",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
};

/** Why rows were not taken, for an admin: nothing of ours that is secret is in it. */
export function explainFailure(error: unknown): string {
  if (error instanceof NotTaken) return error.message;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === "TimeoutError") return "it did not answer in time";
  if (typeof code !== "string") return "it failed for a reason that the log of the api has";
  return explanations[code] ?? `it failed: ${code}`;
}
