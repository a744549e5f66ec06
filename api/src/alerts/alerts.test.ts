import type { AddressInfo } from "node:net";
import type { AlertRuleInput } from "@remote-claude/protocol";
import { SMTPServer } from "smtp-server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { record } from "../audit/index.ts";
import {
  buildSession,
  buildUser,
  signedInClient,
  startApi,
  startWebhook,
  type TestApi,
} from "../testing/index.ts";

vi.setConfig({ testTimeout: 120_000 });

const secret = "a secret of the webhook's own";
const until = <T>(look: () => T | Promise<T>) => vi.waitFor(look, { timeout: 60_000, interval: 50 });

let api: TestApi | null = null;
let closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await api?.stop();
  api = null;
  for (const close of closers) await close();
  closers = [];
});

async function webhook() {
  const server = await startWebhook(secret);
  closers.push(server.close);
  return server;
}

async function start(env: Record<string, string>) {
  const on = await startApi({ env });
  api = on;
  const { client, user } = await signedInClient(on, { role: "admin" });
  return { on, user, admin: client.with({ origin: "http://claude.test" }) };
}

const rule = (change: Partial<AlertRuleInput> = {}): AlertRuleInput => ({
  name: "A rule",
  kind: "bypass-chosen",
  enabled: true,
  threshold: 3,
  windowMinutes: 10,
  quietMinutes: 60,
  channel: "webhook",
  recipients: [],
  ...change,
});
const textsOf = (hook: Awaited<ReturnType<typeof webhook>>): string[] =>
  hook.taken.map(({ body }) => JSON.parse(body).text);

/** The reader of alerts has seen everything up to a row that is written now. */
async function evaluated(on: TestApi): Promise<void> {
  const taken = async () =>
    (await on.database.db.auditConsumer.findUnique({ where: { name: "alerts" } }))?.takenRows ?? -1n;
  await until(async () => expect(await taken()).toBeGreaterThanOrEqual(0n));
  const before = await taken();
  await record(on.database.db, { action: "file.read", actor: { kind: "system" } });
  await until(async () => expect(await taken()).toBeGreaterThan(before));
}

describe("who may change rules", () => {
  it("is an admin; auditors see them, others do not, and each change is on record", async () => {
    const { on, admin } = await start({});
    expect((await on.client.get("/api/audit/alert-rules")).code).toBe("unauthenticated");
    const { client: member } = await signedInClient(on, { user: await buildUser(on) });
    expect((await member.get("/api/audit/alert-rules")).code).toBe("forbidden");
    const made = await admin.post("/api/audit/alert-rules", rule());
    expect(made.status).toBe(201);
    const { client: signedIn } = await signedInClient(on, { role: "auditor" });
    const auditor = signedIn.with({ origin: "http://claude.test" });
    expect((await auditor.get("/api/audit/alert-rules")).body).toMatchObject({
      rules: [{ name: "A rule", lastAlertAt: null }],
      channels: [],
      recent: [],
    });
    expect((await auditor.post("/api/audit/alert-rules", rule())).code).toBe("forbidden");
    const path = `/api/audit/alert-rules/${made.body.rule.id}`;
    expect((await admin.put(path, rule({ name: "Another" }))).body.rule.name).toBe("Another");
    expect((await admin.put(path, rule({ channel: "email" }))).code).toBe("bad_request");
    expect((await admin.put(path, rule({ recipients: ["a@example.org"] }))).code).toBe("bad_request");
    expect((await admin.post(`${path}/test`)).body).toEqual({
      ok: false,
      message: "The test message was not sent: no webhook is set (ALERT_WEBHOOK_URL).",
    });
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.delete(path)).code).toBe("not_found");
    const rows = await on.database.db.auditLog.findMany({
      where: { action: { startsWith: "alert." } },
      orderBy: { at: "asc" },
    });
    expect(rows.map(({ action, result, target }) => `${action} ${result} ${target}`)).toEqual([
      "alert.rule-created success A rule",
      "alert.rule-changed success Another",
      "alert.tested failed Another",
      "alert.rule-deleted success Another",
    ]);
    expect(rows[1]?.details).toMatchObject({ before: { name: "A rule" }, after: { name: "Another" } });
  });
});

describe("a rule", () => {
  const environment = (url: string) => ({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret });
  const refuse = (on: TestApi, sessionId: string, target = "evil.example") =>
    record(on.database.db, {
      action: "egress.refused",
      actor: { kind: "system" },
      result: "refused",
      sessionId,
      target,
    });

  it("tells of more than so many refusals in one session, once in a quiet time, then of the rest", async () => {
    const hook = await webhook();
    const { on, user, admin } = await start(environment(hook.url));
    await admin.post("/api/audit/alert-rules", rule({ kind: "egress-refused" }));
    const { id } = await buildSession(on, { owner: user });
    const { id: other } = await buildSession(on, { owner: user });
    await evaluated(on);
    for (let count = 0; count < 3; count += 1) await refuse(on, id);
    for (let count = 0; count < 3; count += 1) await refuse(on, other);
    await evaluated(on);
    expect(await on.database.db.alert.count()).toBe(0);
    await refuse(on, id, "last.example");
    await until(() => expect(hook.taken).toHaveLength(1));
    expect(textsOf(hook)[0]).toMatch(
      /^the session “.+” of .+@example\.org was kept from hosts 4 times within 10 minutes; the last one was last\.example\.$/,
    );
    expect(hook.taken[0]?.genuine).toBe(true);
    for (let count = 0; count < 5; count += 1) {
      await refuse(on, id);
      await evaluated(on);
    }
    expect(await on.database.db.alert.count()).toBe(1);
    on.clock.advance(61 * 60_000);
    await until(() => expect(hook.taken).toHaveLength(2));
    expect(textsOf(hook)[1]).toMatch(/It happened \d+ times since the last message\.\)$/);
    await evaluated(on);
    expect(await on.database.db.alert.count()).toBe(2);
    await until(async () =>
      expect(await on.database.db.auditLog.count({ where: { action: "alert.sent", target: "A rule" } })).toBe(
        2,
      ),
    );
  });

  it("tells of failed sign-ins, chosen bypasses, budgets and a record that does not fit", async () => {
    const hook = await webhook();
    const { on, user, admin } = await start(environment(hook.url));
    const kinds = ["failed-sign-ins", "bypass-chosen", "budget-reached", "record-broken"] as const;
    for (const kind of kinds)
      await admin.post("/api/audit/alert-rules", rule({ name: kind, kind, threshold: 1 }));
    const { id: sessionId } = await buildSession(on, { owner: user });
    await evaluated(on);
    const write = (entry: Omit<Parameters<typeof record>[1], "actor">) =>
      record(on.database.db, {
        ...entry,
        actor: { kind: "user", userId: user.id, address: "192.0.2.7", userAgent: null },
      });
    await write({ action: "sign-in.failed", result: "refused", target: "a@example.org" });
    await write({ action: "claude.bypass-chosen", result: "refused", sessionId });
    await evaluated(on);
    expect(await on.database.db.alert.count()).toBe(0);
    await write({ action: "sign-in.failed", result: "refused", target: "b@example.org" });
    await write({ action: "claude.bypass-chosen", sessionId });
    await write({ action: "budget.reached", target: "c@example.org", details: { percent: 80 } });
    await write({ action: "audit.broken", result: "failed", target: "Row 3 was changed." });
    await until(() => expect(hook.taken).toHaveLength(4));
    const byRule = new Map(hook.taken.map(({ body }) => [JSON.parse(body).rule, JSON.parse(body).text]));
    expect(byRule.get("failed-sign-ins")).toBe(
      "2 sign-ins failed within 10 minutes; the last one was for b@example.org, from 192.0.2.7.",
    );
    expect(byRule.get("bypass-chosen")).toContain(`${user.email} switched Claude's permission questions off`);
    expect(byRule.get("budget-reached")).toBe("c@example.org has spent 80 percent of this month's budget.");
    expect(byRule.get("record-broken")).toContain("Row 3 was changed.");
  });

  it("tells of a sink that is behind", async () => {
    const hook = await webhook();
    const { on, admin } = await start({ ...environment(hook.url), AUDIT_SYSLOG_URL: "tcp://127.0.0.1:9" });
    await admin.post("/api/audit/alert-rules", rule({ kind: "delivery-behind", threshold: 5 }));
    await evaluated(on);
    expect(await on.database.db.alert.count()).toBe(0);
    on.clock.advance(6 * 60_000);
    await until(() => expect(hook.taken).toHaveLength(1));
    expect(textsOf(hook)[0]).toMatch(
      /^The audit record is delivered to syslog \(tcp:\/\/127\.0\.0\.1:9\) \d+ minutes late/,
    );
  });

  it("is told when the other end is there again, and the failure is on record once", async () => {
    const hook = await webhook();
    let refusals = 0;
    hook.state.answer = (response) => {
      if (refusals === 2) return true;
      refusals += 1;
      response.writeHead(500).end();
      return false;
    };
    const { on, user, admin } = await start(environment(hook.url));
    await admin.post("/api/audit/alert-rules", rule());
    const { id: sessionId } = await buildSession(on, { owner: user });
    await evaluated(on);
    await record(on.database.db, { action: "claude.bypass-chosen", actor: { kind: "system" }, sessionId });
    await until(() => {
      on.clock.advance(1000);
      expect(hook.taken).toHaveLength(1);
    });
    const actions = async () =>
      (
        await on.database.db.auditLog.findMany({
          where: { action: { in: ["alert.sent", "alert.failed"] } },
          orderBy: { at: "asc" },
        })
      ).map(({ action }) => action);
    await until(async () => expect(await actions()).toEqual(["alert.failed", "alert.sent"]));
    expect((await admin.get("/api/audit/alert-rules")).body.recent).toMatchObject([
      { ruleName: "A rule", lastError: null, sentAt: expect.any(String) },
    ]);
  });

  it("that is switched off tells nothing", async () => {
    const hook = await webhook();
    const { on, admin } = await start(environment(hook.url));
    await admin.post("/api/audit/alert-rules", rule({ enabled: false }));
    await evaluated(on);
    await record(on.database.db, { action: "claude.bypass-chosen", actor: { kind: "system" } });
    await evaluated(on);
    expect(await on.database.db.alert.count()).toBe(0);
  });
});

describe("channels", () => {
  it("mail goes to the recipients over SMTP, as one message, and says when a server refuses", async () => {
    const mails: { to: string[]; text: string }[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onRcptTo: ({ address }, _session, done) =>
        done(address === "nobody@example.org" ? new Error("no such user") : null),
      onData(stream, session, done) {
        let text = "";
        stream.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        stream.on("end", () => {
          mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    closers.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.server.address() as AddressInfo;
    const { admin } = await start({
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      ALERT_FROM: "Remote Claude <alerts@example.org>",
    });
    const input = rule({
      name: "Line\r\nBcc: x@evil.example",
      channel: "email",
      recipients: ["a@example.org", "b@example.org"],
    });
    const { body } = await admin.post("/api/audit/alert-rules", input);
    const path = `/api/audit/alert-rules/${body.rule.id}`;
    expect((await admin.post(`${path}/test`)).body).toMatchObject({ ok: true });
    expect(mails).toHaveLength(1);
    expect(mails[0]?.to).toEqual(["a@example.org", "b@example.org"]);
    expect(mails[0]?.text).toMatch(/^From: Remote Claude <alerts@example\.org>/m);
    expect(mails[0]?.text).not.toMatch(/^Bcc:/m);
    await admin.put(path, { ...input, recipients: ["nobody@example.org"] });
    expect((await admin.post(`${path}/test`)).body.ok).toBe(false);
  });

  it("Slack gets the words, and none of them is markup", async () => {
    const hook = await webhook();
    const { admin } = await start({ ALERT_SLACK_URL: hook.url });
    const { body } = await admin.post(
      "/api/audit/alert-rules",
      rule({ name: "<!channel> & co", channel: "slack" }),
    );
    expect((await admin.post(`/api/audit/alert-rules/${body.rule.id}/test`)).body.ok).toBe(true);
    expect(JSON.parse(hook.taken[0]?.body ?? "").text).toMatch(/^\*&lt;!channel&gt; &amp; co\*\n/);
  });
});
