import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRead, statement } from "./statement.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe("a statement", () => {
  it("is prepared once a connection, and its values are values", async () => {
    const read = createRead(pool);
    const echo = statement("select $1::text as said, $2::timestamptz as at");
    const given = ["'; drop table users; --", "2026-01-02T03:04:05.678Z"];
    for (let round = 0; round < 2; round += 1) {
      expect(await read(echo, given)).toEqual([{ said: given[0], at: new Date(given[1] ?? "") }]);
    }
    const prepared = await pool.query("select statement from pg_prepared_statements");
    expect(prepared.rows).toEqual([{ statement: echo.text }]);
  });

  it("fails with Postgres' code where it refuses, and with one code wherever it is not reached", async () => {
    const wrong = statement("select 1 / $1::int");
    await expect(createRead(pool)(wrong, ["0"])).rejects.toMatchObject({ code: "22012" });
    const away = new URL(database.url);
    away.searchParams.set("host", "/nowhere");
    const nowhere = new pg.Pool({ connectionString: away.href });
    await expect(createRead(nowhere)(wrong, ["1"])).rejects.toMatchObject({ code: "ECONNRESET" });
    await nowhere.end();
  });
});
