import { createDb } from "@remote-claude/prisma";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import { AppError, errorTable } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { translateError } from "./errors.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("what is thrown", () => {
  it("passes as it is when it was meant for people", () => {
    const refusal = new AppError("conflict", "no");
    expect(translateError(refusal)).toBe(refusal);
  });

  it.each([[new Error("password=x")], ["text"], [null], [undefined], [{ code: "X" }]])(
    "says nothing of itself when it is a bug: %s",
    (thrown) => {
      const { code, message } = translateError(thrown);
      expect([code, message]).toEqual(["internal", "Something went wrong on the server."]);
    },
  );

  it("says that the database does not answer when it cannot be reached", async () => {
    const db = createDb({ url: "postgres://nobody@127.0.0.1:9/none" });
    expect(translateError(await errorOf(db.user.findFirst())).code).toBe("unavailable");
    expect(translateError(await errorOf(db.$queryRaw`select 1`)).code).toBe("unavailable");
    expect(errorTable.unavailable.retryable).toBe(true);
  });

  it("says so too when the database ends the connection under a query", async () => {
    const ended = await errorOf(database.db.$queryRaw`select pg_terminate_backend(pg_backend_pid())`);
    expect(translateError(ended).code).toBe("unavailable");
    expect(await database.db.$queryRaw`select 1 as one`).toEqual([{ one: 1 }]);
  });
});
