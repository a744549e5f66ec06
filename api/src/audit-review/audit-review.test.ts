import { generateKeyPairSync } from "node:crypto";
import { newId, type User } from "@remote-claude/prisma";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { record, recordAll } from "../audit/index.ts";
import { parseSealKeys } from "../lib/seal-keys.ts";
import { closeBatch, isIncluded, leafHash } from "../seals/index.ts";
import { type ApiClient, buildSession, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { listEntries } from "./list.ts";

let api: TestApi;
let auditor: { client: ApiClient; user: User };
beforeAll(async () => {
  api = await startApi();
  auditor = await signedInClient(api, { role: "auditor" });
});
afterAll(() => api.stop());

interface Listed {
  entries: {
    id: string;
    at: string;
    action: string;
    target: string | null;
    details: Record<string, unknown>;
  }[];
  next: string | null;
}

async function all(query: string): Promise<Listed["entries"]> {
  const found: Listed["entries"] = [];
  let after = "";
  for (let page = 0; page < 50; page += 1) {
    const { status, body } = await auditor.client.get(`/api/audit?limit=3&${query}${after}`);
    expect(status).toBe(200);
    const { entries, next } = body as Listed;
    found.push(...entries);
    if (next === null) return found;
    after = `&after=${encodeURIComponent(next)}`;
  }
  throw new Error("the list does not end");
}
const targets = async (query: string) => (await all(query)).map(({ target }) => target);

describe("who may look", () => {
  it("are auditors and admins alone", async () => {
    const paths = ["/api/audit", "/api/audit/counts", "/api/audit/people", `/api/audit/entries/${newId()}`];
    const { client: member } = await signedInClient(api);
    const { client: admin } = await signedInClient(api, { role: "admin" });
    for (const path of paths) {
      expect((await api.client.get(path)).code).toBe("unauthenticated");
      expect((await member.get(path)).code).toBe("forbidden");
      expect((await admin.get(path)).status).toBe(path.includes("entries") ? 404 : 200);
    }
  });

  it("are on record, once for the same filters", async () => {
    const looks = () =>
      api.database.db.auditLog.count({ where: { action: "audit.viewed", userId: auditor.user.id } });
    const person = newId();
    const before = await looks();
    for (let time = 0; time < 3; time += 1) await auditor.client.get(`/api/audit?person=${person}`);
    expect(await looks()).toBe(before + 1);
    await auditor.client.get(`/api/audit/counts?person=${person}&results=refused`);
    expect(await looks()).toBe(before + 2);
  });
});

describe("the list", () => {
  it("goes through what fits once, newest first, a page at a time, those of one moment too", async () => {
    const sessionId = newId();
    await recordAll(
      api.database.db,
      Array.from({ length: 8 }, (_, index) => ({
        action: "file.written" as const,
        actor: { kind: "system" as const },
        sessionId,
        target: `f${index}`,
      })),
    );
    const found = await all(`session=${sessionId}`);
    expect(found.map(({ target }) => target)).toEqual(["f7", "f6", "f5", "f4", "f3", "f2", "f1", "f0"]);
    expect(new Set(found.map(({ at }) => at)).size).toBe(1);
  });

  it("finds by person, session, action, result, kind of actor, address, request, time and text", async () => {
    const { user } = await signedInClient(api);
    const { id: sessionId } = await buildSession(api, { owner: user });
    const about = { sessionId };
    const actor = { kind: "user", userId: user.id, address: "192.0.2.99", userAgent: "x" } as const;
    await record(api.database.db, { ...about, action: "file.read", actor, target: "a" });
    await record(api.database.db, {
      ...about,
      action: "egress.refused",
      result: "refused",
      actor: { kind: "claude", userId: user.id },
      target: "b",
      details: { host: "Evil.example" },
    });
    await record(api.database.db, {
      ...about,
      action: "file.written",
      actor: { ...actor, requestId: "request-7" },
      target: "c%_",
    });
    const own = `session=${sessionId}`;
    expect(await targets(own)).toEqual(["c%_", "b", "a"]);
    expect(await targets(`person=${user.id}&actions=file.read,file.written,egress.refused`)).toEqual([
      "c%_",
      "b",
      "a",
    ]);
    expect(await targets(`${own}&actions=file.read,egress.refused`)).toEqual(["b", "a"]);
    expect(await targets(`${own}&results=refused`)).toEqual(["b"]);
    expect(await targets(`${own}&actors=user`)).toEqual(["c%_", "a"]);
    expect(await targets(`${own}&address=192.0.2.`)).toEqual(["c%_", "a"]);
    expect(await targets(`${own}&address=92.0`)).toEqual([]);
    expect(await targets(`${own}&request=request-7`)).toEqual(["c%_"]);
    expect(await targets(`${own}&text=evil.EXAMPLE`)).toEqual(["b"]);
    expect(await targets(`${own}&text=${encodeURIComponent("%_")}`)).toEqual(["c%_"]);
    const [newest] = await all(own);
    expect(await targets(`${own}&to=${newest?.at}`)).not.toContain("c%_");
    expect(await targets(`${own}&from=${newest?.at}`)).toContain("c%_");
    const [entry] = (await auditor.client.get(`/api/audit?${own}&actions=file.read`)).body.entries;
    expect(entry).toMatchObject({
      person: { id: user.id, name: user.name, email: user.email },
      session: { id: sessionId },
      address: "192.0.2.99",
      result: "success",
      sealed: false,
    });
  });

  it("finds actions alone, each by its index, in one order", async () => {
    const seen = await all("actions=file.written,file.read,egress.refused");
    expect(seen.length).toBeGreaterThan(8);
    const order = seen.map(({ at, id }) => `${at} ${id}`);
    expect(order).toEqual(order.toSorted().reverse());
    expect(new Set(order).size).toBe(order.length);
  });

  it("finds what is rare over several pages, each of which looks at so many rows", async () => {
    const session = newId();
    const written = (target: string) => ({
      action: "file.written" as const,
      actor: { kind: "system" as const },
      sessionId: session,
      target,
    });
    const names = ["rare", "a", "b", "c", "d", "rare too", "e"];
    await recordAll(api.database.db, names.map(written));
    const pages: (string | null)[][] = [];
    let after: string | undefined;
    do {
      const page = await listEntries(api.database.db, { session, text: "rare", limit: 10, after }, 3);
      pages.push(page.entries.map(({ target }) => target));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(pages).toEqual([["rare too"], [], ["rare"]]);
  });

  it("refuses what is no filter, in words", async () => {
    const wrong = [
      "actions=file.eaten",
      "results=fine",
      "person=me",
      "from=yesterday",
      "after=nowhere",
      "limit=9999",
      "x=1",
    ];
    for (const query of wrong) {
      const { code } = await auditor.client.get(`/api/audit?${query}`);
      expect(["bad_request", "validation_failed"], query).toContain(code);
    }
    for (const text of ["%00", "a'%20or%201=1--"]) {
      expect((await auditor.client.get(`/api/audit?text=${text}`)).status, text).toBeLessThan(500);
    }
  });
});

describe("the counts", () => {
  it("are those of the list, over time and by action", async () => {
    const sessionId = newId();
    await record(api.database.db, { action: "file.read", actor: { kind: "system" }, sessionId });
    await record(api.database.db, {
      action: "file.read",
      actor: { kind: "system" },
      sessionId,
      result: "failed",
    });
    await record(api.database.db, { action: "task.ended", actor: { kind: "system" }, sessionId });
    const { body } = await auditor.client.get(`/api/audit/counts?session=${sessionId}`);
    expect(body).toMatchObject({
      total: 3,
      actions: { "file.read": 2, "task.ended": 1 },
      countedSince: null,
    });
    const counts = body.counts as { at: string; count: number; troubled: number }[];
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(counts.reduce((sum, { troubled }) => sum + troubled, 0)).toBe(1);
    for (const { at } of counts) expect(Date.parse(at) % body.stepMs).toBe(0);
    expect((await auditor.client.get(`/api/audit/counts?session=${newId()}`)).body).toMatchObject({
      counts: [],
      total: 0,
    });
  });
});

describe("one entry", () => {
  it("comes with what proves that it is in the record, once it is sealed", async () => {
    const sessionId = newId();
    await record(api.database.db, {
      action: "file.read",
      actor: { kind: "system" },
      sessionId,
      target: "proved",
    });
    const [{ id }] = (await auditor.client.get(`/api/audit?session=${sessionId}`)).body.entries;
    expect((await auditor.client.get(`/api/audit/entries/${id}`)).body).toMatchObject({
      id,
      target: "proved",
    });
    const { privateKey } = generateKeyPairSync("ed25519");
    const keys = parseSealKeys(privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"));
    const ask = async () => (await auditor.client.get(`/api/audit/entries/${id}/proof`)).body.proof;
    await expect
      .poll(
        async () => {
          await closeBatch(api.database.db, keys, new Date());
          return ask();
        },
        { timeout: 30_000 },
      )
      .not.toBeNull();
    const { line, index, size, path, seal } = await ask();
    const root = Buffer.from(JSON.parse(seal.header).merkleRoot, "hex");
    const hashes = path.map((hash: string) => Buffer.from(hash, "hex"));
    expect(JSON.parse(line)).toMatchObject({ id, target: "proved" });
    expect(isIncluded(leafHash(line), { index, size }, hashes, root)).toBe(true);
    expect(isIncluded(leafHash(`${line} `), { index, size }, hashes, root)).toBe(false);
    expect((await auditor.client.get(`/api/audit/entries/${id}`)).body.sealed).toBe(true);
    for (const path of [`/api/audit/entries/${newId()}`, `/api/audit/entries/${newId()}/proof`]) {
      expect((await auditor.client.get(path)).code).toBe("not_found");
    }
  });
});

describe("the choices", () => {
  it("find people and sessions by their names, whatever is in them", async () => {
    const { user } = await signedInClient(api);
    await api.database.db.user.update({ where: { id: user.id }, data: { name: "Zoë %_" } });
    const { id } = await buildSession(api, { owner: user });
    const people = (await auditor.client.get("/api/audit/people?search=ZO%C3%8B%20%25_")).body.people;
    expect(people).toEqual([{ id: user.id, name: "Zoë %_", about: user.email }]);
    const { sessions } = (
      await auditor.client.get(`/api/audit/sessions?search=${encodeURIComponent(user.email)}`)
    ).body;
    expect(sessions.map((session: { id: string }) => session.id)).toEqual([id]);
  });
});
