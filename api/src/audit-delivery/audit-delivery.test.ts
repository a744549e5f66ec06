import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { record } from "../audit/index.ts";
import {
  buildUser,
  otherCertificate,
  signedInClient,
  startApi,
  startSyslog,
  startWebhook,
  syslogCertificate,
  type TestApi,
} from "../testing/index.ts";

const secret = "a secret of the webhook's own";
const untilMs = 40_000;
const until = <T>(look: () => T | Promise<T>) => vi.waitFor(look, { timeout: untilMs, interval: 50 });

vi.setConfig({ testTimeout: 120_000 });

let api: TestApi | null = null;
let folder: string;
let closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "delivery-"));
});
afterEach(async () => {
  await api?.stop();
  api = null;
  for (const close of closers) await close();
  closers = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string>): Promise<TestApi> {
  api = await startApi({ env });
  return api;
}

async function syslog(options: { tls: boolean }) {
  const server = await startSyslog(options);
  closers.push(server.close);
  return server;
}
async function webhook() {
  const server = await startWebhook(secret);
  closers.push(server.close);
  return server;
}

const act = (on: TestApi, target: string, details = {}) =>
  record(on.database.db, { action: "file.written", actor: { kind: "system" }, target, details });

interface Line {
  readonly id: string;
  readonly action: string;
  readonly target: string | null;
}
const ours = (lines: readonly Line[]) =>
  lines.filter(({ action }) => action === "file.written").map(({ target }) => target);
const linesOf = (text: string): Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `/${index}`);

describe("a file", () => {
  it("gets every row as a line, also after it was moved away, and after half a line", async () => {
    const path = join(folder, "audit.jsonl");
    const on = await start({ AUDIT_JSONL_PATH: path });
    const lines = async () => linesOf(await readFile(path, "utf8").catch(() => ""));
    await act(on, "/1");
    await act(on, "/2");
    await until(async () => expect(ours(await lines())).toEqual(["/1", "/2"]));
    await rename(path, `${path}.1`);
    await act(on, "/3");
    await until(async () => expect(ours(await lines())).toEqual(["/3"]));
    await on.app.stop();
    await writeFile(path, '{"half', { flag: "a" });
    await on.restart();
    await act(on, "/4");
    await until(async () => {
      const written = (await readFile(path, "utf8")).split("\n");
      expect(written).toContain('{"half');
      expect(ours(linesOf(written.filter((line) => line !== '{"half').join("\n")))).toEqual(["/3", "/4"]);
    });
  });
});

describe("a webhook", () => {
  const allOf = (hook: Awaited<ReturnType<typeof webhook>>) =>
    hook.taken.flatMap(({ body }) => linesOf(body));

  it("gets every row in order, signed, through failures and answers that never come", async () => {
    const hook = await webhook();
    const failing = [500, "stall", 302, 429] as (number | "stall")[];
    const refused: string[] = [];
    hook.state.answer = (response, { body }) => {
      const next = failing.shift();
      if (next === undefined) return true;
      refused.push(body);
      if (next === "stall") response.destroy();
      else response.writeHead(next, { location: "http://127.0.0.1:9/" }).end();
      return false;
    };
    const on = await start({ AUDIT_WEBHOOK_URL: hook.url, AUDIT_WEBHOOK_SECRET: secret });
    for (const target of numbered(250)) await act(on, target);
    await until(() => expect(ours(allOf(hook))).toEqual(numbered(250)));
    expect(failing).toEqual([]);
    expect(refused).toHaveLength(4);
    expect(hook.taken.every(({ genuine }) => genuine)).toBe(true);
    // What was refused came again before anything else.
    expect(allOf(hook)[0]?.id).toBe(linesOf(refused[0] ?? "")[0]?.id);
    const ids = allOf(hook).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("that is down holds nothing else up, and says so with how far it is behind", async () => {
    const path = join(folder, "audit.jsonl");
    const hook = await webhook();
    hook.state.answer = (response) => {
      response.writeHead(503).end();
      return false;
    };
    const on = await start({
      AUDIT_WEBHOOK_URL: `${hook.url}?key=hidden`,
      AUDIT_WEBHOOK_SECRET: secret,
      AUDIT_JSONL_PATH: path,
      METRICS_TOKEN: "metrics-token",
    });
    await act(on, "/1");
    await until(async () =>
      expect(ours(linesOf(await readFile(path, "utf8").catch(() => "")))).toEqual(["/1"]),
    );
    const { client } = await signedInClient(on, { role: "auditor" });
    const deliveries = async () => (await client.get("/api/audit/deliveries")).body.deliveries;
    await until(async () =>
      expect(await deliveries()).toMatchObject([
        {
          name: "webhook",
          target: new URL(hook.url).origin,
          deliveredRows: 0,
          lastError: "it answered with status 503",
        },
        { name: "file", target: path, lastError: null, failingSince: null },
      ]),
    );
    const [down] = await deliveries();
    expect(down.lagRows).toBeGreaterThan(0);
    expect(down.failingSince).not.toBeNull();
    const metrics = async () =>
      (await on.client.get("/metrics", { headers: { authorization: "Bearer metrics-token" } })).text;
    expect(await metrics()).toMatch(/remote_claude_audit_delivery_failing\{sink="webhook"\} 1/);
    expect(await metrics()).toMatch(/remote_claude_audit_delivery_lag_rows\{sink="webhook"\} [1-9]/);
    hook.state.answer = () => true;
    await until(() => expect(ours(allOf(hook))).toEqual(["/1"]));
    await until(async () =>
      expect((await deliveries())[0]).toMatchObject({ lastError: null, failingSince: null }),
    );
  });

  it("goes on where it was when the api starts anew", async () => {
    const hook = await webhook();
    const on = await start({ AUDIT_WEBHOOK_URL: hook.url, AUDIT_WEBHOOK_SECRET: secret });
    await act(on, "/1");
    await until(() => expect(ours(allOf(hook))).toEqual(["/1"]));
    await on.restart();
    await act(on, "/2");
    await until(() => expect(ours(allOf(hook))).toEqual(["/1", "/2"]));
  });
});

describe("a syslog server", () => {
  it("gets RFC 5424 messages over TLS, in order, though it breaks connections off", async () => {
    const server = await syslog({ tls: true });
    server.state.breakOff = 2;
    const ca = join(folder, "ca.pem");
    await writeFile(ca, syslogCertificate);
    const on = await start({ AUDIT_SYSLOG_URL: server.url, AUDIT_SYSLOG_CA_FILE: ca });
    for (const target of numbered(30)) await act(on, target, { text: "é 𝄞" });
    await record(on.database.db, { action: "sign-in.failed", actor: { kind: "system" }, result: "refused" });
    const parsed = () =>
      server.messages.map((message) => {
        const [, priority, time, host, msgid, json] =
          /^<(\d+)>1 (\S+) (\S+) remote-claude - (\S+) - (\{.*\})$/s.exec(message) ?? [];
        return { priority, time, host, msgid, row: JSON.parse(json ?? "null") };
      });
    await until(() => expect(parsed().at(-1)?.msgid).toBe("sign-in.failed"));
    const mine = parsed().filter(({ msgid }) => msgid === "file.written");
    expect(mine.map(({ row }) => row.target)).toEqual(numbered(30));
    expect(mine[0]).toMatchObject({
      priority: "110",
      host: "claude.test",
      row: { details: { text: "é 𝄞" } },
    });
    expect(mine[0]?.time).toBe(mine[0]?.row.at);
    expect(parsed().at(-1)?.priority).toBe("108");
    expect(server.state.breakOff).toBe(0);
  });

  it("whose certificate is not trusted gets nothing", async () => {
    const server = await syslog({ tls: true });
    const ca = join(folder, "ca.pem");
    await writeFile(ca, otherCertificate);
    const on = await start({ AUDIT_SYSLOG_URL: server.url, AUDIT_SYSLOG_CA_FILE: ca });
    const { client } = await signedInClient(on, { role: "admin" });
    await until(async () =>
      expect((await client.get("/api/audit/deliveries")).body.deliveries).toMatchObject([
        { name: "syslog", lastError: "its certificate is not one that is trusted" },
      ]),
    );
    expect(server.messages).toEqual([]);
  });

  it("on this machine gets them in the clear", async () => {
    const server = await syslog({ tls: false });
    server.state.breakOff = 1;
    const on = await start({ AUDIT_SYSLOG_URL: server.url });
    await act(on, "/1");
    await until(() =>
      expect(server.messages.some((message) => message.includes('"target":"/1"'))).toBe(true),
    );
  });
});

describe("a test row", () => {
  it("is sent by an admin alone, at once, and the try is on record", async () => {
    const hook = await webhook();
    const on = await start({ AUDIT_WEBHOOK_URL: hook.url, AUDIT_WEBHOOK_SECRET: secret });
    expect((await on.client.post("/api/audit/deliveries/webhook/test")).code).toBe("unauthenticated");
    for (const role of ["member", "auditor"] as const) {
      const { client } = await signedInClient(on, { user: await buildUser(on, { role }) });
      expect(
        (await client.with({ origin: "http://claude.test" }).post("/api/audit/deliveries/webhook/test")).code,
      ).toBe("forbidden");
    }
    const { client: signedIn } = await signedInClient(on, { role: "admin" });
    const admin = signedIn.with({ origin: "http://claude.test" });
    expect((await admin.post("/api/audit/deliveries/webhook/test")).body).toEqual({
      ok: true,
      message: "It took the test row.",
    });
    const tested = hook.taken
      .flatMap(({ body }) => linesOf(body))
      .filter(({ action }) => action === "audit.delivery-tested");
    expect(tested[0]).toMatchObject({ details: { test: true } });
    hook.state.answer = (response) => {
      response.writeHead(401).end();
      return false;
    };
    expect((await admin.post("/api/audit/deliveries/webhook/test")).body).toEqual({
      ok: false,
      message: "It did not take the test row: it answered with status 401.",
    });
    expect((await admin.post("/api/audit/deliveries/syslog/test")).code).toBe("not_found");
    const rows = await on.database.db.auditLog.findMany({
      where: { action: "audit.delivery-tested" },
      orderBy: { at: "asc" },
    });
    expect(rows.map(({ result, target }) => `${result} ${target}`)).toEqual([
      "success webhook",
      "failed webhook",
    ]);
  });
});
