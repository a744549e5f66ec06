import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "./new-id.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const buildUser = () =>
  database.db.user.create({ data: { email: `${newId()}@example.org`, name: "Someone" } });
const buildSession = async () => {
  const user = await buildUser();
  return database.db.session.create({ data: { name: "work", ownerId: user.id, template: "default" } });
};
const addAuditRow = () =>
  database.db.auditLog.create({ data: { actorKind: "system", action: "session.created" } });
/** As the owner: the services cannot date a row. */
const addAuditRowAt = async (at: Date) => {
  const id = newId();
  await owner.query(
    "insert into audit_logs (id, at, actor_kind, action) values ($1, $2, 'system', 'session.created')",
    [id, at],
  );
  return { id };
};
const partitionOf = async (id: string) => {
  const { rows } = await owner.query<{ name: string }>(
    "select relname as name from audit_logs join pg_class on pg_class.oid = audit_logs.tableoid where id = $1",
    [id],
  );
  return rows[0]?.name;
};

describe("the audit record", () => {
  const changed: Record<string, string> = {
    audit_logs: "target = 'x'",
    audit_keys: "public_key = ''",
    audit_seals: "number = 7",
    audit_seal_rows: "position = 7",
    audit_seal_copies: "key = 'x'",
    audit_tombstones: "retention_days = 7",
  };
  const changes = Object.entries(changed).flatMap(([table, change]) => [
    `update ${table} set ${change}`,
    `delete from ${table}`,
    `truncate ${table} cascade`,
  ]);

  it.each([
    ...changes,
    "alter table audit_logs disable trigger all",
    "drop table audit_logs",
    "delete from audit_partitions.audit_logs_default",
    "insert into audit_partitions.audit_logs_default (id, actor_kind, action) values (gen_random_uuid(), 'system', 'x')",
    "insert into audit_logs (id, at, actor_kind, action) values (gen_random_uuid(), now() - interval '1 hour', 'system', 'x')",
    "insert into audit_logs (id, txid, actor_kind, action) values (gen_random_uuid(), '3', 'system', 'x')",
    "insert into audit_tombstones (seal_id, removed_at, retention_days, key_id, signature) values (gen_random_uuid(), now(), 30, 'x', '')",
    "set session_replication_role = replica",
    "delete from _prisma_migrations",
    "create table mine (a int)",
  ])("is out of the services' reach: %s", async (sql) => {
    await addAuditRow();
    await expect(database.db.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it.each(["update audit_logs set target = 'x'", "delete from audit_logs", "truncate audit_logs"])(
    "is refused even to its owner: %s",
    async (sql) => {
      await addAuditRow();
      await expect(owner.query(sql)).rejects.toThrow("the audit record is never changed");
    },
  );

  it("is refused to its owner through a partition as well", async () => {
    const { id } = await addAuditRow();
    const partition = await partitionOf(id);
    for (const change of ["delete from", "truncate"]) {
      await expect(owner.query(`${change} audit_partitions.${partition}`)).rejects.toThrow("never changed");
    }
  });

  it("notes the transaction that wrote each row", async () => {
    const [first, second] = await database.db.$transaction([
      database.db.auditLog.create({ data: { actorKind: "system", action: "session.created" } }),
      database.db.auditLog.create({ data: { actorKind: "system", action: "session.started" } }),
    ]);
    const third = await addAuditRow();
    const { rows } = await owner.query<{ txid: string }>(
      "select txid::text from audit_logs where id = any($1) order by action, txid",
      [[first.id, second.id, third.id]],
    );
    const [one, later, two] = rows.map(({ txid }) => BigInt(txid));
    expect(one).toBe(two);
    expect(later).toBeGreaterThan(one ?? 0n);
  });
});

describe("the months of the audit record", () => {
  const now = new Date();
  const month = (ahead: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 15));
  const named = (date: Date) => `audit_logs_${date.toISOString().slice(0, 7).replace("-", "_")}`;

  it("are there for this one and three ahead", async () => {
    for (const ahead of [0, 1, 2, 3]) {
      const { id } = await addAuditRowAt(month(ahead));
      expect(await partitionOf(id)).toBe(named(month(ahead)));
    }
  });

  it("are made by the services when they ask, and a row that came too early stays where it is", async () => {
    const early = await addAuditRowAt(month(5));
    expect(await partitionOf(early.id)).toBe("audit_logs_default");
    const ensure = () => database.db.$queryRaw<{ made: number }[]>`select ensure_audit_partitions(6) as made`;
    // Four and six; five is in the default partition.
    expect(await ensure()).toEqual([{ made: 2 }]);
    expect(await ensure()).toEqual([{ made: 0 }]);
    expect(await partitionOf((await addAuditRowAt(month(6))).id)).toBe(named(month(6)));
    expect(await partitionOf((await addAuditRowAt(month(5))).id)).toBe("audit_logs_default");
    expect(await database.db.auditLog.count({ where: { id: early.id } })).toBe(1);
  });

  it("end with the month in UTC, to the millisecond", async () => {
    const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    const before = await addAuditRowAt(new Date(start.getTime() - 1));
    expect(await partitionOf(before.id)).toBe(named(month(0)));
    expect(await partitionOf((await addAuditRowAt(start)).id)).toBe(named(month(1)));
  });
});

describe("the database refuses", () => {
  it.each([
    [
      "an address with capitals",
      () => database.db.user.create({ data: { email: "A@example.org", name: "A" } }),
    ],
    [
      "a place with a wrong name",
      () => database.db.place.create({ data: { id: "Nonsense", template: "default" } }),
    ],
    [
      "a sign-in with anything but a hash",
      async () => {
        const { id: userId } = await buildUser();
        const data = { userId, hash: "the id itself", method: "password", expiresAt: new Date() };
        return database.db.signIn.create({ data });
      },
    ],
    [
      "a stop reason nobody knows",
      async () => {
        const { id } = await buildSession();
        return database.db.session.update({ where: { id }, data: { stopReason: "because" } });
      },
    ],
    [
      "an owner among the members",
      async () => {
        const session = await buildSession();
        const data = { sessionId: session.id, userId: session.ownerId, role: "owner" } as const;
        return database.db.sessionMember.create({ data });
      },
    ],
  ])("%s", async (_, act) => {
    await expect(act()).rejects.toThrow(/check/i);
  });

  it("two places for one session", async () => {
    const { id: sessionId } = await buildSession();
    await database.db.place.create({ data: { id: "aaaaaaaaaaaa", template: "default", sessionId } });
    const second = database.db.place.create({ data: { id: "bbbbbbbbbbbb", template: "default", sessionId } });
    await expect(second).rejects.toMatchObject({ code: "P2002" });
  });
});

describe("places", () => {
  it("tell of each change on the channel `places`", async () => {
    const heard: string[] = [];
    owner.on("notification", ({ channel, payload }) => heard.push(`${channel} ${payload}`));
    await owner.query("listen places");
    const place = { id: "cccccccccccc" };
    await database.db.place.create({ data: { ...place, template: "default" } });
    await database.db.place.update({ where: place, data: { state: "running" } });
    await database.db.place.delete({ where: place });
    await expect.poll(() => heard).toEqual(Array(3).fill("places cccccccccccc"));
  });

  it("tell when what their session's owner may do changes, or who that is", async () => {
    const heard: string[] = [];
    owner.on("notification", ({ payload }) => heard.push(payload ?? ""));
    await owner.query("listen places");
    const session = await buildSession();
    const other = await buildSession();
    await database.db.place.create({
      data: { id: "eeeeeeeeeeee", template: "default", sessionId: session.id },
    });
    const where = { id: session.ownerId };
    // Nothing that egress asks for: it happens at each sign-in.
    await database.db.user.update({ where, data: { lastSignInAt: new Date() } });
    await database.db.user.update({ where, data: { status: "disabled" } });
    await database.db.user.update({ where, data: { allowedModels: ["claude-*"] } });
    await database.db.session.update({ where: { id: session.id }, data: { ownerId: other.ownerId } });
    await database.db.user.update({ where: { id: other.ownerId }, data: { monthlyBudgetUsd: 1 } });
    await expect.poll(() => heard.length).toBeGreaterThanOrEqual(5);
    expect(heard).toEqual(Array(5).fill("eeeeeeeeeeee"));
  });

  it("go to one of many that claim at once", async () => {
    const id = "dddddddddddd";
    await database.db.place.create({ data: { id, template: "default" } });
    const sessions = await Promise.all(Array.from({ length: 5 }, buildSession));
    const claims = await Promise.all(
      sessions.map((session) =>
        database.db.place.updateMany({ where: { id, sessionId: null }, data: { sessionId: session.id } }),
      ),
    );
    expect(claims.reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });
});

describe("usage", () => {
  it("adds up by day, person and model, and on its session", async () => {
    const session = await buildSession();
    const usage = {
      userId: session.ownerId,
      sessionId: session.id,
      model: "claude",
      inputTokens: 10,
      outputTokens: 5,
      cacheReadTokens: 3,
      cacheWriteTokens: 2,
      costUsd: "0.000125",
      status: 200,
      durationMs: 10,
    };
    const at = new Date("2026-03-04T23:59:59.999Z");
    await Promise.all(
      Array.from({ length: 8 }, () => database.db.modelUsage.create({ data: { ...usage, at } })),
    );
    await database.db.modelUsage.create({ data: { ...usage, at: new Date("2026-03-05T00:00:00.000Z") } });
    const days = await database.db.usageDay.findMany({
      where: { userId: session.ownerId },
      orderBy: { day: "asc" },
    });
    expect(days).toMatchObject([
      { requests: 8, inputTokens: 80n, outputTokens: 40n, cacheReadTokens: 24n, cacheWriteTokens: 16n },
      { requests: 1 },
    ]);
    expect(days.map(({ day }) => day.toISOString().slice(0, 10))).toEqual(["2026-03-04", "2026-03-05"]);
    expect(days.map(({ costUsd }) => Number(costUsd))).toEqual([0.001, 0.000125]);
    const { costUsd } = await database.db.session.findUniqueOrThrow({ where: { id: session.id } });
    expect(Number(costUsd)).toBe(0.001125);
  });
});

describe("ids", () => {
  it("sort by the time they were made, whoever makes them", async () => {
    const earlier = newId(Date.now() - 1000);
    const { id } = await buildUser();
    const later = newId(Date.now() + 1000);
    expect([later, id, earlier].sort()).toEqual([earlier, id, later]);
    expect(id[14]).toBe("7");
    expect(earlier[14]).toBe("7");
  });
});
