import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

const exists = async (name: string) => {
  const { rowCount } = await owner.query("select 1 from pg_database where datname = $1", [name]);
  return rowCount === 1;
};

/** Another test process; resolves with the address of its database, in which it holds a connection. */
async function startOther(): Promise<{ process: ReturnType<typeof spawn>; url: URL }> {
  const module = fileURLToPath(new URL("testing.ts", import.meta.url));
  const script = `const { createTestDatabase } = await import(${JSON.stringify(module)});
    const database = await createTestDatabase();
    await database.db.user.count();
    console.log(database.url); setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: other.stdout }), "line")) as [string];
  return { process: other, url: new URL(line) };
}

describe("test databases", () => {
  it("are apart from each other, though on one server", async () => {
    const second = await createTestDatabase();
    await database.db.user.create({ data: { email: "only@example.org", name: "here" } });
    expect(await second.db.user.count()).toBe(0);
    expect(new URL(second.url).search).toBe(new URL(database.url).search);
    await second.drop();
    expect(await exists(second.name)).toBe(false);
  });

  it("are shared servers between processes, and go when their process is killed", async () => {
    const others = await Promise.all([startOther(), startOther()]);
    for (const other of others) {
      const name = other.url.pathname.slice(1);
      expect(other.url.search).toBe(new URL(database.url).search);
      expect(await exists(name)).toBe(true);
      other.process.kill("SIGKILL");
      await expect.poll(() => exists(name), { timeout: 10_000 }).toBe(false);
    }
  });
});
