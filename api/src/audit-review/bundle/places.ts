import type { Db } from "@remote-claude/prisma";
import { Paths } from "../../seals/index.ts";

/** Rows come in order of time, and so, nearly, seal by seal: a few trees are enough. */
const treesKept = 8;

/** Where a row is sealed. */
export interface Place {
  readonly seal: string;
  readonly index: number;
  readonly path: readonly string[];
}

/** Finds the places of rows in the seals up to one. */
export class Places {
  readonly #db: Db;
  readonly #newest: bigint;
  readonly #trees = new Map<string, Paths>();

  constructor(db: Db, newest: bigint) {
    this.#db = db;
    this.#newest = newest;
  }

  /** Rows that are in none of them are left out. */
  async of(auditIds: readonly string[]): Promise<ReadonlyMap<string, Place>> {
    const held = await this.#db.$queryRaw<
      { auditId: string; sealId: string; number: bigint; position: number }[]
    >`
      select held.audit_id::text as "auditId", held.seal_id::text as "sealId", seal.number, held.position
      from audit_seal_rows held join audit_seals seal on seal.id = held.seal_id
      where held.audit_id = any(${auditIds}::uuid[]) and seal.number <= ${this.#newest}
      order by seal.number`;
    const places = new Map<string, Place>();
    for (const { auditId, sealId, number, position } of held) {
      const paths = await this.#tree(sealId);
      const path = paths.of(position).map((hash) => hash.toString("hex"));
      places.set(auditId, { seal: number.toString(), index: position, path });
    }
    return places;
  }

  async #tree(sealId: string): Promise<Paths> {
    const known = this.#trees.get(sealId);
    const tree = known ?? (await this.#read(sealId));
    this.#trees.delete(sealId);
    this.#trees.set(sealId, tree);
    const [oldest] = this.#trees.keys();
    if (this.#trees.size > treesKept && oldest !== undefined) this.#trees.delete(oldest);
    return tree;
  }

  async #read(sealId: string): Promise<Paths> {
    const leaves = await this.#db.auditSealRow.findMany({
      where: { sealId },
      orderBy: { position: "asc" },
      select: { leafHash: true },
    });
    return new Paths(leaves.map(({ leafHash }) => Buffer.from(leafHash)));
  }
}
