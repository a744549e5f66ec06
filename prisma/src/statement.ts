import { createHash } from "node:crypto";
import pg from "pg";

/** A statement whose text never changes: Postgres parses and plans it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names the statement by its text. Make it once: naming costs more than asking. */
export function statement(text: string): Statement {
  return { name: `r${createHash("sha1").update(text).digest("hex")}`, text };
}

/**
 * Asks by a prepared statement on Prisma's pool, past its client: for what requests begin with,
 * where the client takes as long as the statement does. Values are given as text; rows come as the driver makes them.
 */
export type Read = <Row>(statement: Statement, values: readonly (string | null)[]) => Promise<Row[]>;

export function createRead(pool: pg.Pool): Read {
  return async <Row>({ name, text }: Statement, values: readonly (string | null)[]) => {
    try {
      const { rows } = await pool.query({ name, text, values: [...values] });
      return rows as Row[];
    } catch (error) {
      if (error instanceof pg.DatabaseError) throw error;
      // Not Postgres' own word: the connection was lost, or was not to be had, for which the driver has many names.
      throw Object.assign(new Error("the database was not reached", { cause: error }), {
        code: "ECONNRESET",
      });
    }
  };
}
