import { z } from "zod";

export const noId = "00000000-0000-0000-0000-000000000000";
const beginning = "1970-01-01T00:00:00.000Z";

/**
 * How far a reader of the audit record has come, in the order of transactions. Their numbers begin anew where a dump
 * is restored. Then there is a backlog: whatever is there is read in the order of time first. A row may come twice in
 * that case, and none is left out.
 */
export const Position = z.object({
  /** The database cluster whose transactions it counts. */
  cluster: z.string(),
  /** The last row that was taken: transaction and id. */
  txid: z.string().regex(/^\d+$/),
  id: z.uuid(),
  /** The latest time of a row that was taken. */
  lastAt: z.iso.datetime(),
  /** Rows before it are of an earlier cluster, and done. */
  since: z.iso.datetime(),
  backlog: z
    .object({
      /** It ends here; and where it has come to. */
      until: z.iso.datetime(),
      at: z.iso.datetime(),
      id: z.uuid(),
      /** From this transaction on it goes on in order. */
      txid: z.string().regex(/^\d+$/),
    })
    .nullable(),
});
export type Position = z.infer<typeof Position>;

/** What this moment is called in the database. */
export interface Moment {
  readonly cluster: string;
  /** Every transaction before it has ended. */
  readonly xmin: string;
  readonly now: Date;
}

/** Before the first row there is. `restored`: some are of a cluster before this one. */
export function fromTheBeginning({ cluster }: Moment, restored: boolean): Position {
  return {
    cluster: restored ? "" : cluster,
    txid: "0",
    id: noId,
    lastAt: beginning,
    since: beginning,
    backlog: null,
  };
}

/** A transaction that writes takes less than this. */
const longestTransactionMs = 86_400_000;

const sinceBefore = (time: Date) => new Date(time.getTime() - longestTransactionMs).toISOString();

/** Only what comes from now on. */
export function fromNowOn({ cluster, xmin, now }: Moment): Position {
  const at = now.toISOString();
  return { cluster, txid: xmin, id: noId, lastAt: at, since: sinceBefore(now), backlog: null };
}

/** The same reader in another cluster: with a backlog, unless it is in this one already. */
export function inCluster(position: Position, { cluster, xmin, now }: Moment): Position {
  if (position.cluster === cluster) return position;
  const backlog = { until: now.toISOString(), at: beginning, id: noId, txid: xmin };
  return { ...position, cluster, backlog };
}

/** After these rows; `last`: there are no more at the moment. */
export function after(
  position: Position,
  rows: readonly { readonly txid: string; readonly id: string; readonly at: string }[],
  last: boolean,
): Position {
  const end = rows.at(-1);
  const lastAt = rows.reduce((latest, { at }) => (at > latest ? at : latest), position.lastAt);
  const { backlog } = position;
  if (backlog === null)
    return end === undefined ? position : { ...position, txid: end.txid, id: end.id, lastAt };
  if (!last && end !== undefined)
    // Which rows are still to come is decided by where the reader stood before: that stays until the backlog is done.
    return { ...position, backlog: { ...backlog, at: end.at, id: end.id } };
  return {
    cluster: position.cluster,
    txid: backlog.txid,
    id: noId,
    lastAt,
    since: sinceBefore(new Date(backlog.until)),
    backlog: null,
  };
}
