import { newId } from "@remote-claude/prisma";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import pg from "pg";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { acquire, advance, LeaseLost, release } from "./consumers.ts";
import { keepReading } from "./keep-reading.ts";
import type { Position } from "./position.ts";
import { lagOf, momentOf, nextRows, theBeginning, thisMoment } from "./read.ts";

let database: TestDatabase;
let owner: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

const act = (target: string) =>
  record(database.db, { action: "file.written", actor: { kind: "system" }, target });

/** Other databases of the same server hold rows back too, for as long as their transactions run. */
async function settled(target?: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await owner.query(
        `select pg_snapshot_xmin(pg_current_snapshot()) > max(txid::text::bigint)::text::xid8 as old from audit_logs
         where target = coalesce($1, target)`,
        [target],
      );
      expect(rows[0].old).not.toBe(false);
    },
    { timeout: 30_000 },
  );
}

/** All there is to read, page by page, and where one stands then. */
async function readAll(
  position: Position,
  limit = 2,
): Promise<{ targets: (string | null)[]; position: Position }> {
  const targets: (string | null)[] = [];
  let at = position;
  for (;;) {
    const { rows, next } = await nextRows(database.db, at, limit);
    targets.push(...rows.map(({ target }) => target));
    at = next;
    if (rows.length < limit && next.backlog === null) return { targets, position: at };
  }
}

/** Read again and again until nothing more comes, as a reader does. */
async function readOn(position: Position): Promise<{ targets: (string | null)[]; position: Position }> {
  const first = await readAll(position);
  const second = await readAll(first.position);
  return { targets: [...first.targets, ...second.targets], position: second.position };
}

it("gives each row once and in order, over pages and turns", async () => {
  for (const target of ["/1", "/2", "/3", "/4", "/5"]) await act(target);
  await settled();
  const first = await readOn(await theBeginning(database.db));
  expect(first.targets).toEqual(["/1", "/2", "/3", "/4", "/5"]);
  await act("/6");
  await settled();
  const second = await readOn(first.position);
  expect(second.targets).toEqual(["/6"]);
  expect((await readOn(second.position)).targets).toEqual([]);
});

it("misses nothing of a transaction that ends long after later ones", async () => {
  await act("/before");
  await settled();
  const begun = await readOn(await theBeginning(database.db));
  const slow = new pg.Client({ connectionString: database.url });
  await slow.connect();
  try {
    await slow.query("begin");
    await slow.query(
      "insert into audit_logs (id, actor_kind, action, target) values ($1, 'system', 'file.written', '/slow')",
      [newId()],
    );
    await act("/after");
    const held = await readOn(begun.position);
    expect(held.targets).toEqual([]);
    expect(await lagOf(database.db, held.position)).toMatchObject({ rows: 1 });
    await slow.query("commit");
    await settled();
    const rest = await readOn(held.position);
    expect(rest.targets.sort()).toEqual(["/after", "/slow"]);
    expect(await lagOf(database.db, rest.position)).toEqual({ rows: 0, oldestAt: null });
  } finally {
    await slow.end();
  }
});

it("begins with what comes from now on, where it is to", async () => {
  await act("/old");
  await settled();
  const position = await thisMoment(database.db);
  await act("/new");
  await settled();
  expect((await readOn(position)).targets).toEqual(["/new"]);
});

it("misses nothing after a dump was restored, where transactions are counted anew", async () => {
  for (const target of ["/1", "/2"]) await act(target);
  await settled();
  const { position } = await readOn(await theBeginning(database.db));
  for (const target of ["/3", "/4"]) await act(target);
  // Of a cluster whose transactions had far higher numbers than this one's have.
  await owner.query("set session_replication_role = replica");
  await owner.query("update audit_logs set txid = (txid::text::bigint + 1000000000)::text::xid8");
  await owner.query("update audit_logs set at = at - interval '1 hour' where target = '/1'");
  await owner.query("set session_replication_role = origin");
  const restored = {
    ...position,
    cluster: "another",
    txid: String(
      BigInt(
        (await owner.query("select max(txid)::text as txid from audit_logs where target = '/2'")).rows[0]
          .txid,
      ),
    ),
    id: (await database.db.auditLog.findFirstOrThrow({ where: { target: "/2" } })).id,
  };
  await act("/5");
  const found = await readOn(restored);
  // As many as come: those that may have been delivered before the dump, too.
  expect(await lagOf(database.db, restored)).toMatchObject({ rows: found.targets.length });
  expect([...new Set(found.targets)]).toEqual(expect.arrayContaining(["/3", "/4", "/5"]));
  expect(found.targets).not.toContain("/1");
  expect((await theBeginning(database.db)).cluster).toBe("");
  expect(new Set((await readOn(await theBeginning(database.db))).targets)).toEqual(
    new Set(["/1", "/2", "/3", "/4", "/5"]),
  );
  await act("/6");
  const { txid } = (await owner.query("select max(txid)::text as txid from audit_logs where target = '/6'"))
    .rows[0];
  await vi.waitFor(async () => {
    const { xmin } = await momentOf(database.db);
    expect(BigInt(xmin)).toBeGreaterThan(BigInt(txid));
  });
  expect((await readOn(found.position)).targets).toContain("/6");
});

it("moves on for the holder of the lease alone", async () => {
  const begin = () => theBeginning(database.db);
  const first = await acquire(database.db, "test", "one", begin);
  if (first === null) throw new Error("nobody else has it");
  expect(await acquire(database.db, "test", "two", begin)).toBeNull();
  await advance(database.db, first, first.position, 3);
  await release(database.db, "test", "one");
  const second = await acquire(database.db, "test", "two", begin);
  expect(second?.fence).toBe(first.fence + 1n);
  await expect(advance(database.db, first, first.position, 1)).rejects.toThrow(LeaseLost);
  expect(await database.db.auditConsumer.findUnique({ where: { name: "test" } })).toMatchObject({
    takenRows: 3n,
  });
});

it("is read by one of several apis at a time, and goes on with another when that one ends", async () => {
  const context = { db: database.db, log: pino({ level: "silent" }) } as unknown as Context;
  const by: string[] = [];
  let within = 0;
  const reader = (who: string) =>
    keepReading(context, {
      name: "test",
      begin: () => theBeginning(database.db),
      explain: String,
      async turn(held) {
        within += 1;
        expect(within).toBe(1);
        const { rows, next } = await nextRows(database.db, held.position, 10);
        by.push(...rows.map(({ target }) => `${who} ${target}`));
        await advance(database.db, held, next, rows.length);
        within -= 1;
        return false;
      },
    });
  const endFirst = reader("one");
  await act("/1");
  await vi.waitFor(() => expect(by).toEqual(["one /1"]), { timeout: 30_000 });
  const endSecond = reader("two");
  await endFirst();
  await act("/2");
  await vi.waitFor(() => expect(by).toEqual(["one /1", "two /2"]), { timeout: 30_000 });
  await endSecond();
});
