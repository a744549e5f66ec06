import { newId } from "@remote-claude/prisma";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { record, recordAll } from "./index.ts";
import { cleanText, detailsJson } from "./redact.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("details", () => {
  it("hold no secret by its name, however deep and however spelt", () => {
    const details = {
      password: "p1",
      apiKey: "p2",
      "x-api-key": "p3",
      headers: { Authorization: "p4", list: [{ refreshToken: "p5" }, { client_secret: "p6" }] },
      inputTokens: 7,
      tokenId: "kept",
    };
    const json = detailsJson(details);
    for (const secret of ["p1", "p2", "p3", "p4", "p5", "p6"]) expect(json).not.toContain(secret);
    expect(JSON.parse(json)).toMatchObject({ inputTokens: 7, tokenId: "kept", password: "[redacted]" });
  });

  it("hold no secret by its look", () => {
    const text = cleanText("use sk-ant-api03-abcdefgh, rcl_abcdefghij at https://me:pw@host/x");
    expect(text).toBe("use [redacted], [redacted] at https://[redacted]@host/x");
  });

  it("are not endless", () => {
    expect(detailsJson({ text: "x".repeat(1_000_000) }).length).toBeLessThan(17_000);
    const wide = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`k${index}`, "x".repeat(5000)]),
    );
    expect(JSON.parse(detailsJson(wide))).toMatchObject({ truncated: true });
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 100; level += 1) deep = { deep };
    expect(detailsJson(deep).length).toBeLessThan(200);
    // Once more: what is kept until it becomes a row is cut only once.
    for (const details of [{ text: "x".repeat(1_000_000) }, wide, deep]) {
      const json = detailsJson(details);
      expect(detailsJson(JSON.parse(json))).toBe(json);
    }
  });
});

describe("a record", () => {
  it("is kept with the act, or not at all", async () => {
    const target = newId();
    const act = database.db.$transaction(async (transaction) => {
      await record(transaction, { action: "token.created", actor: { kind: "system" }, target });
      throw new Error("the act failed");
    });
    await expect(act).rejects.toThrow("the act failed");
    expect(await database.db.auditLog.count({ where: { target } })).toBe(0);
  });

  it("takes what Postgres would refuse, and says who acted", async () => {
    const [userId, sessionId, tokenId] = [newId(), newId(), newId()];
    const principal = {
      id: userId,
      name: "n",
      email: "e",
      role: "member",
      via: { kind: "token", scopes: [], id: tokenId },
      address: "192.0.2.1",
      userAgent: "curl\0",
      requestId: "r1",
    } as const;
    await recordAll(database.db, [
      { action: "file.written", actor: principal, sessionId, target: "a\0b\ud800", details: { "k\0": "\0" } },
      { action: "claude.tool-used", actor: { kind: "claude", userId }, sessionId, result: "refused" },
    ]);
    const rows = await database.db.auditLog.findMany({ where: { sessionId }, orderBy: { action: "desc" } });
    expect(rows).toMatchObject([
      {
        actorKind: "token",
        userId,
        tokenId,
        address: "192.0.2.1",
        userAgent: "curl\ufffd",
        target: "a\ufffdb\ufffd",
      },
      { actorKind: "claude", userId, tokenId: null, result: "refused" },
    ]);
  });
});
