import { newId, type User } from "@remote-claude/prisma";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { record, recordAll } from "../audit/index.ts";
import { closeBatch } from "../seals/index.ts";
import {
  type ApiClient,
  buildSession,
  prompted,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
let owner: pg.Client;
let auditor: { client: ApiClient; user: User };
beforeAll(async () => {
  api = await startApi();
  owner = new pg.Client({ connectionString: api.database.ownerUrl });
  await owner.connect();
  auditor = await signedInClient(api, { role: "auditor" });
});
afterAll(async () => {
  await owner.end();
  await api.stop();
});

describe("who may", () => {
  it.each(["/api/audit/verify", "/api/audit/views", `/api/audit/sessions/${newId()}/story`])(
    "ask for %s: auditors alone",
    async (path) => {
      const { client: member } = await signedInClient(api);
      expect((await api.client.get(path)).code).toBe("unauthenticated");
      expect((await member.get(path)).code).toBe("forbidden");
      expect((await auditor.client.get(path)).status).toBe(path.endsWith("story") ? 404 : 200);
    },
  );
});

describe("a verification", () => {
  const path = "/api/audit/verify";
  const verified = () =>
    api.database.db.auditLog.findMany({ where: { action: "audit.verified", actorKind: "user" } });
  const ended = () =>
    vi.waitFor(
      async () => {
        const { body } = await auditor.client.get(path);
        expect(body.state).not.toBe("running");
        return body;
      },
      { timeout: 60_000, interval: 50 },
    );

  /** Nothing is verified while `act` goes on. */
  async function held(act: () => Promise<void>): Promise<void> {
    await owner.query("begin");
    await owner.query("lock table audit_keys in access exclusive mode");
    try {
      await act();
    } finally {
      await owner.query("commit");
    }
  }

  it("runs once for two who ask, and is on record with its outcome", { timeout: 120_000 }, async () => {
    const { db, config } = api.app.context;
    await record(db, { action: "file.read", actor: { kind: "system" } });
    await vi.waitFor(
      async () => {
        await closeBatch(db, config.audit.sealKeys, new Date());
        expect(await db.auditSeal.count()).toBeGreaterThan(0);
      },
      { timeout: 60_000, interval: 50 },
    );
    const { client: admin } = await signedInClient(api, { role: "admin" });
    expect((await auditor.client.get(path)).body.state).toBe("idle");
    await held(async () => {
      const [one, other] = await Promise.all([auditor.client.post(path, {}), admin.post(path, {})]);
      expect(one).toMatchObject({ status: 202, body: { state: "running" } });
      expect(other.body).toMatchObject({ state: "running", by: one.body.by, startedAt: one.body.startedAt });
    });
    expect(await ended()).toMatchObject({ state: "done", report: { keys: [config.audit.sealKeys[0].id] } });
    expect(await verified()).toHaveLength(1);
  });

  it("ends when somebody stops it", { timeout: 120_000 }, async () => {
    await held(async () => {
      await auditor.client.post(path, {});
      expect((await auditor.client.delete(path)).status).toBe(204);
    });
    expect(await ended()).toMatchObject({ state: "failed", message: "It was stopped.", report: null });
    const rows = await verified();
    expect(rows.filter(({ result }) => result === "failed")).toMatchObject([
      { userId: auditor.user.id, details: { outcome: "not finished" } },
    ]);
  });

  it("has failed when its api is gone, and another one may begin", { timeout: 120_000 }, async () => {
    await owner.query(
      "update audit_verifications set state = 'running', heartbeat_at = now() - interval '2 minutes'",
    );
    expect((await auditor.client.get(path)).body).toMatchObject({
      state: "failed",
      message: "The api that ran it is gone.",
    });
    expect((await auditor.client.post(path, {})).status).toBe(202);
    expect((await ended()).state).toBe("done");
  });
});

describe("a session's story", () => {
  it("is told in order, a page at a time, of a deleted session too, and looking is on record", async () => {
    const { db } = api.database;
    const { user } = await signedInClient(api);
    const { id: sessionId } = await buildSession(api, { owner: user });
    const conversationId = newId();
    await db.conversation.create({ data: { id: conversationId, sessionId, title: "About it" } });
    const from = Date.now() - 3_600_000;
    await db.conversationEvent.createMany({
      data: Array.from({ length: 1200 }, (_, index) => ({
        conversationId,
        sessionId,
        seq: index + 1,
        at: new Date(from + Math.floor(index / 7)),
        kind: "user-message",
        event: prompted({ id: user.id, name: user.name }, `prompt ${index}`) as object,
      })),
    });
    for (let part = 0; part < 2; part += 1) {
      await recordAll(
        db,
        Array.from({ length: 400 }, (_, index) => ({
          action: "file.read" as const,
          actor: { kind: "system" as const },
          sessionId,
          target: `f${part * 400 + index}`,
        })),
      );
    }
    await db.session.update({ where: { id: sessionId }, data: { deletedAt: new Date() } });
    const path = `/api/audit/sessions/${sessionId}/story`;
    const moments: string[] = [];
    const seqs: number[] = [];
    const targets: string[] = [];
    let query = "";
    for (let page = 0; ; page += 1) {
      expect(page).toBeLessThan(20);
      const { status, body } = await auditor.client.get(`${path}${query}`);
      expect(status).toBe(200);
      expect(body.session).toMatchObject({ id: sessionId, owner: { id: user.id } });
      expect(body.session.deletedAt).not.toBeNull();
      expect(body.entries.length).toBeLessThanOrEqual(500);
      expect(body.journal.length).toBeLessThanOrEqual(500);
      const times = [...body.entries, ...body.journal].map(({ at }: { at: string }) => at).toSorted();
      if (moments.length > 0 && times[0] !== undefined) expect(times[0] >= (moments.at(-1) ?? "")).toBe(true);
      moments.push(...times);
      seqs.push(...body.journal.map(({ seq }: { seq: number }) => seq));
      targets.push(
        ...body.entries.flatMap(({ action, target }: { action: string; target: string }) =>
          action === "file.read" ? [target] : [],
        ),
      );
      if (body.next === null) break;
      query = `?after=${encodeURIComponent(body.next)}`;
    }
    expect(seqs).toEqual(Array.from({ length: 1200 }, (_, index) => index + 1));
    expect(targets).toEqual(Array.from({ length: 800 }, (_, index) => `f${index}`));
    const looks = await db.auditLog.findMany({ where: { action: "audit.viewed", sessionId } });
    expect(looks).toMatchObject([{ userId: auditor.user.id, target: "story" }]);
    expect((await auditor.client.get(`${path}?after=nowhere`)).code).toBe("bad_request");
  });
});

describe("views", () => {
  const path = "/api/audit/views";

  it("are kept, renamed and forgotten by whose they are", async () => {
    const { client: other } = await signedInClient(api, { role: "admin" });
    const { status, body: view } = await auditor.client.post(path, {
      name: " Egress ",
      search: "what=egress",
    });
    expect({ status, view }).toMatchObject({ status: 201, view: { name: "Egress", search: "what=egress" } });
    expect((await auditor.client.post(path, { name: "Egress", search: "" })).code).toBe("conflict");
    const one = `${path}/${view.id}`;
    expect((await other.get(path)).body.views).toEqual([]);
    expect((await other.patch(one, { name: "Mine" })).code).toBe("not_found");
    expect((await other.delete(one)).code).toBe("not_found");
    expect((await auditor.client.patch(one, { name: "Network" })).body).toMatchObject({
      name: "Network",
      search: "what=egress",
    });
    expect((await auditor.client.get(path)).body.views).toMatchObject([{ name: "Network" }]);
    expect((await auditor.client.delete(one)).status).toBe(204);
    expect((await auditor.client.get(path)).body.views).toEqual([]);
  });

  it("are fifty at most, of a length", async () => {
    const { client } = await signedInClient(api, { role: "auditor" });
    for (const body of [
      { name: " ", search: "" },
      { name: "x".repeat(81), search: "" },
      { name: "x", search: "x".repeat(2001) },
    ]) {
      expect((await client.post(path, body)).status).toBe(400);
    }
    const answers = await Promise.all(
      Array.from({ length: 53 }, (_, index) => client.post(path, { name: `view ${index}`, search: "" })),
    );
    const refused = answers.filter(({ code }) => code !== null).map(({ code }) => code);
    expect(refused).toEqual(["quota_exceeded", "quota_exceeded", "quota_exceeded"]);
    expect((await client.get(path)).body.views).toHaveLength(50);
  });
});
