import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@remote-claude/prisma";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import pg from "pg";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { record } from "../audit/index.ts";
import { parseSealKeys, type SealKey } from "../lib/seal-keys.ts";
import { createStorage, type Storage } from "../storage/index.ts";
import { closeBatch } from "./close-batch.ts";
import { copiedLines, copyAgain, copyBatches, rowsKeyOf, sealKeyOf } from "./copies.ts";
import { retireBatches } from "./retire.ts";
import { lastSeal } from "./seal-store.ts";
import { verifyAudit } from "./verify.ts";
import type { Problem } from "./walk.ts";

const newKey = () =>
  generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");

let database: TestDatabase;
let owner: pg.Client;
let storage: Storage;
let directory: string;
let ring: string;
let keys: readonly [SealKey, ...SealKey[]];

beforeEach(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  directory = await mkdtemp(join(tmpdir(), "seals-"));
  storage = createStorage({ kind: "directory", directory });
  ring = newKey();
  keys = parseSealKeys(ring);
});

afterEach(async () => {
  await owner.end();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const act = (target: string) =>
  record(database.db, {
    action: "file.written",
    actor: { kind: "system" },
    target,
    details: { bytes: 12.5, ключ: ["é", null, true, "a\u2028b"], nested: { b: 1, a: 2 } },
  });

/** Other databases of the same server hold a seal back too, for as long as their transactions run. */
async function settled(target?: string): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await owner.query(
      `select pg_snapshot_xmin(pg_current_snapshot()) > max(txid::text::bigint)::text::xid8 as old from audit_logs
       where target = coalesce($1, target)`,
      [target],
    );
    expect(rows[0].old).not.toBe(false);
  });
}

const seal = async (limit?: number, target?: string) => {
  await settled(target);
  return closeBatch(database.db, keys, new Date(), limit);
};

/** Acts in batches, sealed and copied. */
async function sealedRecord(batches: number, each = 3): Promise<void> {
  for (let batch = 1; batch <= batches; batch += 1) {
    for (let index = 1; index <= each; index += 1) await act(`/${batch}/${index}`);
    expect(await seal()).toBe(each);
  }
  await copyBatches({ db: database.db, storage }, { retainUntil: null });
}

const verify = (trust: readonly string[] = []) => verifyAudit({ db: database.db, storage }, { trust });
const idOf = async (target: string): Promise<string> =>
  (await database.db.auditLog.findFirstOrThrow({ where: { target } })).id;

/** As a superuser would: past every trigger. */
async function tamper(sql: string, ...values: unknown[]): Promise<void> {
  await owner.query("set session_replication_role = replica");
  await owner.query(sql, values);
  await owner.query("set session_replication_role = origin");
}

const brief = (problems: readonly Problem[]) =>
  problems.map(({ kind, seal: at, row }) => ({ kind, at, row }));

describe("a batch", () => {
  it("takes what is there, once, and chains to the one before", async () => {
    expect(await seal()).toBe(0);
    await act("/a");
    await act("/b");
    expect(await seal()).toBe(2);
    expect(await seal()).toBe(0);
    const first = await lastSeal(database.db);
    await act("/c");
    expect(await seal()).toBe(1);
    expect((await lastSeal(database.db))?.previousHash).toEqual(first?.hash);
    expect(await verify()).toMatchObject({ seals: 2, rows: 3, problems: [], keys: [keys[0].id] });
  });

  it("leaves out a transaction that is under way, and all that began after it, over two seals", async () => {
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    try {
      await act("/before");
      await slow.query("begin");
      await slow.query(
        "insert into audit_logs (id, actor_kind, action, target) values ($1, 'system', 'file.written', '/slow')",
        [newId()],
      );
      await act("/after");
      expect(await seal(undefined, "/before")).toBe(1);
      await act("/later");
      expect(await seal(undefined, "/before")).toBe(0);
      await slow.query("commit");
      expect(await seal()).toBe(3);
      expect(await verify()).toMatchObject({ rows: 4, problems: [] });
    } finally {
      await slow.end();
    }
  });

  it("is bounded, by whole transactions", async () => {
    for (let index = 0; index < 7; index += 1) await act(`/${index}`);
    await database.db.$transaction(async (transaction) => {
      for (let index = 0; index < 5; index += 1) {
        await record(transaction, {
          action: "file.read",
          actor: { kind: "system" },
          target: `/many/${index}`,
        });
      }
    });
    const sizes: number[] = [];
    for (let size = await seal(3); size > 0; size = await seal(3)) sizes.push(size);
    expect(sizes).toEqual([3, 3, 1, 5]);
    expect(await verify()).toMatchObject({ rows: 12, problems: [] });
  });

  it("is closed by one at a time, while others write", async () => {
    await Promise.all([
      ...Array.from({ length: 40 }, (_, index) => act(`/${index}`)),
      ...Array.from({ length: 10 }, () => closeBatch(database.db, keys, new Date())),
    ]);
    await seal();
    expect(await verify()).toMatchObject({ rows: 40, problems: [] });
  });

  it("takes all that is there in another cluster, where transactions are counted anew", async () => {
    await act("/sealed");
    await seal();
    await act("/not sealed yet");
    // As after a restore: the rows come with their transactions of the other cluster, which are still to come here.
    await tamper("update audit_seals set cluster = '7'");
    await tamper("update audit_logs set txid = '900000000' where target = '/not sealed yet'");
    await act("/of this cluster");
    expect(await seal(undefined, "/of this cluster")).toBe(2);
    await act("/after");
    expect(await seal(undefined, "/after")).toBe(1);
    expect((await lastSeal(database.db))?.number).toBe(3n);
  });

  it("is signed with a new key, for which the one before vouches", async () => {
    await act("/a");
    await seal();
    const [former] = keys;
    keys = parseSealKeys(`${newKey()}\n${ring}`);
    await act("/b");
    await seal();
    expect(await verify()).toMatchObject({ problems: [], keys: [former.id, keys[0].id] });
    keys = parseSealKeys(newKey());
    await act("/c");
    await seal();
    expect(brief((await verify()).problems)).toEqual([{ kind: "key-untrusted", at: "3", row: null }]);
    expect(await verify([former.id, keys[0].id])).toMatchObject({ problems: [] });
  });
});

describe("the copy of a batch", () => {
  it("holds the very lines that were hashed, and is made once", async () => {
    await sealedRecord(2);
    expect(await copyBatches({ db: database.db, storage }, { retainUntil: null })).toEqual({
      copied: 0,
      differing: [],
    });
    const newest = await lastSeal(database.db);
    if (newest === null) throw new Error("no seal");
    const lines: string[] = [];
    for await (const line of (await copiedLines(storage, newest)) ?? []) lines.push(line);
    expect(lines.map((line) => JSON.parse(line).target)).toEqual(["/2/1", "/2/2", "/2/3"]);
    expect(lines[0]).toContain(
      '"details":{"bytes":12.5,"nested":{"a":2,"b":1},"ключ":["é",null,true,"a\u2028b"]}',
    );
  });

  it("is not made of rows that differ from what was sealed", async () => {
    await act("/a");
    await seal();
    await tamper("update audit_logs set target = '/b'");
    expect(await copyBatches({ db: database.db, storage }, { retainUntil: null })).toEqual({
      copied: 0,
      differing: [1n],
    });
  });
});

describe("verification names", () => {
  it("nothing, where nothing was touched", async () => {
    await sealedRecord(3);
    await act("/not sealed yet");
    expect(await verify()).toMatchObject({ seals: 3, rows: 9, problems: [], head: { number: "3" } });
  });

  it.each([
    ["its target", "update audit_logs set target = '/elsewhere' where id = $1"],
    ["its time", "update audit_logs set at = at - interval '1 day' where id = $1"],
    ["its details", `update audit_logs set details = '{"bytes": 13}' where id = $1`],
    ["who did it", "update audit_logs set actor_kind = 'claude' where id = $1"],
    ["its result", `update audit_logs set result = 'failed' where id = $1`],
  ])("a changed row: %s", async (_, sql) => {
    await sealedRecord(3);
    const id = await idOf("/2/2");
    await tamper(sql, id);
    expect(brief((await verify()).problems)).toEqual([{ kind: "row-changed", at: "2", row: id }]);
  });

  it("a changed row whose leaf was made to fit", async () => {
    await sealedRecord(2);
    const id = await idOf("/1/2");
    await tamper("update audit_logs set target = '/elsewhere' where id = $1", id);
    const { leafHash } = await import("./merkle.ts");
    const { lineOf } = await import("./canonical.ts");
    const { heldRows } = await import("./rows.ts");
    const first = await database.db.auditSeal.findFirstOrThrow({ where: { number: 1 } });
    for await (const page of heldRows(database.db, first.id)) {
      const row = page.find(({ auditId }) => auditId === id)?.row;
      if (row)
        await tamper(
          "update audit_seal_rows set leaf_hash = $2 where audit_id = $1",
          id,
          leafHash(lineOf(row)),
        );
    }
    expect(brief((await verify()).problems)).toEqual([{ kind: "rows-differ", at: "1", row: id }]);
  });

  it("a deleted row, with and without its place in the batch", async () => {
    await sealedRecord(3);
    const id = await idOf("/2/2");
    await tamper("delete from audit_logs where id = $1", id);
    expect(brief((await verify()).problems)).toEqual([{ kind: "row-missing", at: "2", row: id }]);
    await tamper("delete from audit_seal_rows where audit_id = $1", id);
    expect(brief((await verify()).problems)).toEqual([{ kind: "rows-differ", at: "2", row: id }]);
  });

  it("an inserted row, beside the batches and in one", async () => {
    await sealedRecord(2);
    const id = newId();
    await tamper(
      "insert into audit_logs (id, at, actor_kind, action, txid) select $1, at, 'system', 'file.read', txid from audit_logs where target = '/1/2'",
      id,
    );
    expect(brief((await verify()).problems)).toEqual([{ kind: "row-inserted", at: "2", row: id }]);
    await tamper(
      "insert into audit_seal_rows select log.id, log.at, seal.id, 3, '\\x00' from audit_logs log, audit_seals seal where log.id = $1 and seal.number = 1",
      id,
    );
    expect((await verify()).problems[0]).toMatchObject({ seal: "1", row: id });
  });

  it("rows in another order", async () => {
    await sealedRecord(2);
    await tamper(
      "update audit_seal_rows set position = position + 10 where audit_id = $1",
      await idOf("/1/1"),
    );
    expect(brief((await verify()).problems)).toEqual([
      { kind: "rows-differ", at: "1", row: await idOf("/1/1") },
    ]);
  });

  it("a changed seal, one that was signed by a stranger, and one that is gone", async () => {
    await sealedRecord(4);
    await tamper("update audit_seals set row_count = 4 where number = 2");
    const kinds = async () => (await verify()).problems.map(({ kind, seal: at }) => `${kind} ${at}`);
    expect(await kinds()).toEqual(expect.arrayContaining(["seal-changed 2", "seal-unsigned 2"]));
    await tamper("update audit_seals set row_count = 3 where number = 2");
    expect(await kinds()).toEqual([]);
    await tamper(
      "delete from audit_seal_copies where seal_id = (select id from audit_seals where number = 3)",
    );
    await tamper("delete from audit_seals where number = 3");
    expect(await kinds()).toEqual(expect.arrayContaining(["seal-missing 4", "seal-removed 3"]));
  });

  it("the newest seal when it is removed with its rows, and an older state that was brought back", async () => {
    await sealedRecord(3);
    await tamper("delete from audit_logs where target like '/3/%'");
    await tamper("delete from audit_seal_rows where seal_id = (select id from audit_seals where number = 3)");
    await tamper(
      "delete from audit_seal_copies where seal_id = (select id from audit_seals where number = 3)",
    );
    await tamper("delete from audit_seals where number = 3");
    expect(brief((await verify()).problems)).toEqual([{ kind: "seal-removed", at: "3", row: null }]);
    await act("/another history");
    await seal();
    await copyBatches({ db: database.db, storage }, { retainUntil: null });
    expect(brief((await verify()).problems)).toEqual([{ kind: "copy-forked", at: "3", row: null }]);
  });

  it("a record that was written anew with another key", async () => {
    await sealedRecord(2);
    const [former] = keys;
    for (const table of ["audit_seal_copies", "audit_seal_rows", "audit_seals", "audit_keys"]) {
      await tamper(`delete from ${table}`);
    }
    await tamper("update audit_logs set target = '/elsewhere' where target = '/1/1'");
    keys = parseSealKeys(newKey());
    await seal();
    await copyBatches({ db: database.db, storage }, { retainUntil: null });
    const kinds = (await verify([former.id])).problems.map(({ kind, seal: at }) => `${kind} ${at}`);
    expect(kinds).toEqual(["key-untrusted 1", "copy-forked 1", "seal-removed 2"]);
  });

  it("a copy that was changed, and one that is gone", async () => {
    await sealedRecord(2);
    const newest = await lastSeal(database.db);
    if (newest === null) throw new Error("no seal");
    await storage.delete(rowsKeyOf(newest));
    await storage.delete(sealKeyOf(newest));
    expect(brief((await verify()).problems)).toEqual([{ kind: "copy-missing", at: "2", row: null }]);
    expect(await copyAgain({ db: database.db, storage }, null)).toEqual([2n]);
    expect(await verify()).toMatchObject({ problems: [] });
  });
});

describe("retention", () => {
  const dayMs = 86_400_000;

  /** As if the batches had been sealed when their rows were written, so many days ago. */
  async function agedRecord(days: number): Promise<void> {
    await act("/old/1");
    await act("/old/2");
    await tamper("update audit_logs set at = at - make_interval(days => $1)", days);
    await seal();
    await act("/new/1");
    await seal();
    await copyBatches({ db: database.db, storage }, { retainUntil: null });
  }

  const retire = (retentionDays: number, now = new Date()) =>
    retireBatches({
      config: {
        audit: {
          sealKeys: keys,
          lockDays: 0,
          retentionDays,
          delivery: { syslog: null, webhook: null, file: null },
        },
      },
      db: database.db,
      storage,
      clock: { now: () => now },
      log: pino({ level: "silent" }),
    });

  it("removes whole batches, leaves signed tombstones, and the record still verifies", async () => {
    await agedRecord(40);
    expect(await retire(0)).toBe(0);
    expect(await retire(30)).toBe(1);
    expect(await retire(30)).toBe(0);
    const left = await database.db.auditLog.findMany({ orderBy: { at: "asc" } });
    expect(left.map(({ action, target }) => `${action} ${target}`)).toEqual([
      "file.written /new/1",
      "audit.batch-removed seal 1",
    ]);
    await seal();
    expect(await verify()).toMatchObject({ seals: 3, rows: 2, retired: 1, problems: [] });
    const stored: string[] = [];
    for await (const key of storage.keys("audit/")) stored.push(key.split("/")[1] ?? "");
    expect(stored.sort()).toEqual(["rows", "seals", "seals"]);
  });

  it("is refused by Postgres itself for what is younger, whatever a seal says of its age", async () => {
    await agedRecord(10);
    const { id } = await database.db.auditSeal.findFirstOrThrow({ where: { number: 1 } });
    for (const days of [30, 0]) {
      await expect(
        owner.query("select retire_audit_batch($1, now(), $2, 'x', '')", [id, days]),
      ).rejects.toThrow("not old enough");
    }
    await tamper("update audit_seals set last_at = last_at - interval '1 year'");
    expect(await retire(30, new Date(Date.now() + dayMs)).catch((error: Error) => error.message)).toContain(
      "not old enough",
    );
    expect(await database.db.auditLog.count()).toBe(3);
  });

  it("is named where a tombstone is not signed", async () => {
    await agedRecord(40);
    await retire(30);
    await tamper("update audit_tombstones set retention_days = 31");
    expect(brief((await verify()).problems)).toEqual([{ kind: "tombstone-wrong", at: "1", row: null }]);
  });
});
