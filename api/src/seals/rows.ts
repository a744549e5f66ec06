import { Prisma, type Transaction } from "@remote-claude/prisma";
import type { AuditRow } from "./canonical.ts";

/** Half a minute's rows are read by so many at a time. */
const pageSize = 1000;

/** The columns of `log` as they are hashed. */
export const auditColumns = Prisma.sql`
  log.id::text as id, to_char(log.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  log.txid::text as txid, log.actor_kind::text as "actorKind", log.user_id::text as "userId",
  log.token_id::text as "tokenId", log.on_behalf_of::text as "onBehalfOf", log.action, log.result::text as result,
  log.session_id::text as "sessionId", log.target, log.address, log.user_agent as "userAgent",
  log.request_id as "requestId", log.details::text as details`;

/** Which rows are to be sealed: those of transactions from `from` to before `to`; null: whatever is not sealed. */
export type Range = { readonly from: bigint; readonly to: bigint } | null;

/** Rows that no seal holds, by transaction and id, in pages. */
export async function* unsealedRows(db: Transaction, range: Range): AsyncGenerator<AuditRow[]> {
  const inRange =
    range === null
      ? Prisma.sql`true`
      : Prisma.sql`log.txid >= ${String(range.from)}::xid8 and log.txid < ${String(range.to)}::xid8`;
  let after: AuditRow | undefined;
  while (true) {
    const beyond =
      after === undefined
        ? Prisma.sql`true`
        : Prisma.sql`(log.txid, log.id) > (${after.txid}::xid8, ${after.id}::uuid)`;
    const page: AuditRow[] = await db.$queryRaw`
      select ${auditColumns} from audit_logs log
      where ${inRange} and ${beyond} and not exists (select from audit_seal_rows held where held.audit_id = log.id)
      order by log.txid, log.id limit ${pageSize}`;
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1);
  }
}

/** A place in a batch, and the row that is there now. */
export interface Held {
  readonly position: number;
  readonly auditId: string;
  readonly leafHash: Buffer;
  /** null: there is none of this id and time any more. */
  readonly row: AuditRow | null;
}

/** What a batch holds, by position, in pages. */
export async function* heldRows(db: Transaction, sealId: string): AsyncGenerator<Held[]> {
  let next = 0;
  while (true) {
    const page = await db.$queryRaw<
      (AuditRow & { position: number; auditId: string; leafHash: Uint8Array })[]
    >`
      select held.position, held.audit_id::text as "auditId", held.leaf_hash as "leafHash", ${auditColumns}
      from audit_seal_rows held left join audit_logs log on log.id = held.audit_id and log.at = held.audit_at
      where held.seal_id = ${sealId}::uuid and held.position >= ${next}
      order by held.position limit ${pageSize}`;
    if (page.length > 0) {
      yield page.map(({ position, auditId, leafHash, ...row }) => ({
        position,
        auditId,
        leafHash: Buffer.from(leafHash),
        row: row.id === null ? null : row,
      }));
    }
    if (page.length < pageSize) return;
    next = (page.at(-1)?.position ?? 0) + 1;
  }
}
