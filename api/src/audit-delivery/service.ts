import { newId } from "@remote-claude/prisma";
import { AppError, type Delivery } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { lagOf, maxCounted, Position } from "../audit-stream/index.ts";
import type { Context, Principal } from "../context.ts";
import { explainFailure } from "./deliver.ts";
import type { Sink } from "./sink.ts";
import { configuredSinks } from "./sinks.ts";

/** Every sink of this installation and how it does. */
export async function listDeliveries(context: Context): Promise<Delivery[]> {
  return Promise.all(configuredSinks(context.config).map((sink) => describe(context, sink)));
}

async function describe({ db, clock }: Context, { name, target }: Sink): Promise<Delivery> {
  const row = await db.auditConsumer.findUnique({ where: { name } });
  const lag = row === null ? { rows: 0, oldestAt: null } : await lagOf(db, Position.parse(row.position));
  const now = clock.now().getTime();
  return {
    name,
    target,
    lagRows: lag.rows,
    lagRowsAreMore: lag.rows >= maxCounted,
    lagSeconds: lag.oldestAt === null ? 0 : Math.max(0, Math.round((now - lag.oldestAt.getTime()) / 1000)),
    deliveredRows: Number(row?.takenRows ?? 0),
    deliveredAt: row?.takenAt?.toISOString() ?? null,
    failingSince: row?.failingSince?.toISOString() ?? null,
    lastError: row?.lastError ?? null,
  };
}

/** Sends one row that is no part of the record, past whatever waits. Says how that went; the try is on record. */
export async function testDelivery(
  context: Context,
  principal: Principal,
  name: string,
): Promise<{ ok: boolean; message: string }> {
  const sink = configuredSinks(context.config).find((known) => known.name === name);
  if (sink === undefined) throw new AppError("not_found", "The record is not delivered there.");
  const failure = await sink.take([testRow(principal, sink)], new AbortController().signal).then(
    () => null,
    (error: unknown) => {
      context.log.info({ err: error, sink: name }, "a test row was not taken");
      return explainFailure(error);
    },
  );
  await record(context.db, {
    action: "audit.delivery-tested",
    actor: principal,
    result: failure === null ? "success" : "failed",
    target: name,
    details: failure === null ? {} : { reason: failure },
  });
  return failure === null
    ? { ok: true, message: "It took the test row." }
    : { ok: false, message: `It did not take the test row: ${failure}.` };
}

const testRow = ({ id, address, userAgent, requestId }: Principal, { name }: Sink) => ({
  id: newId(),
  at: new Date().toISOString(),
  txid: "0",
  actorKind: "user",
  userId: id,
  tokenId: null,
  onBehalfOf: null,
  action: "audit.delivery-tested",
  result: "success",
  sessionId: null,
  target: name,
  address,
  userAgent,
  requestId,
  details: JSON.stringify({ test: true }),
});
