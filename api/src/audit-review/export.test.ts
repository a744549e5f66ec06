import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { newId, type User } from "@remote-claude/prisma";
import { extract } from "tar";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { record, recordAll } from "../audit/index.ts";
import { closeBatch } from "../seals/index.ts";
import { type ApiClient, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { rowsOf } from "./export-rows.ts";

let api: TestApi;
let auditor: { client: ApiClient; user: User };
beforeAll(async () => {
  api = await startApi();
  auditor = await signedInClient(api, { role: "auditor" });
});
afterAll(() => api.stop());

const system = { kind: "system" } as const;
const paths = ["csv", "jsonl", "bundle"].map((ending) => `/api/audit/export.${ending}`);

/** Seals all there is, as soon as every transaction before has ended: those of other databases count too. */
async function sealed(sessionId: string): Promise<void> {
  const { db, config } = api.app.context;
  await vi.waitFor(
    async () => {
      await closeBatch(db, config.audit.sealKeys, new Date());
      const [left] = await db.$queryRaw<[{ count: bigint }]>`
        select count(*) from audit_logs log where log.session_id = ${sessionId}::uuid
          and not exists (select from audit_seal_rows held where held.audit_id = log.id)`;
      expect(Number(left.count)).toBe(0);
    },
    { timeout: 60_000, interval: 50 },
  );
}

const written = (sessionId: string, target: string, details = {}) => ({
  action: "file.written" as const,
  actor: system,
  sessionId,
  target,
  details,
});
const exportsOf = (requestIds: string[]) =>
  api.database.db.auditLog.findMany({
    where: { action: "audit.exported", requestId: { in: requestIds } },
    orderBy: { id: "asc" },
  });

async function download(ending: string, session: string): Promise<Response> {
  // So often in a minute nobody may.
  api.clock.advance(60_000);
  const answer = await fetch(`${api.client.origin}/api/audit/export.${ending}?session=${session}`, {
    headers: auditor.client.headers,
  });
  expect(answer.status).toBe(200);
  return answer;
}

describe("who may export", () => {
  it.each(paths)("%s: auditors and admins alone", async (path) => {
    const { client: member } = await signedInClient(api);
    const { client: admin } = await signedInClient(api, { role: "admin" });
    const query = `${path}?session=${newId()}`;
    expect((await api.client.get(query)).code).toBe("unauthenticated");
    expect((await member.get(query)).code).toBe("forbidden");
    expect((await fetch(`${api.client.origin}${query}`, { headers: admin.headers })).status).toBe(200);
    expect((await admin.get(`${path}?person=me`)).code).toBe("bad_request");
  });

  it("are on record, before and after, with what and how many", async () => {
    const session = newId();
    await recordAll(api.database.db, [written(session, "a"), written(session, "b")]);
    const answer = await download("jsonl", session);
    await answer.text();
    const rows = await vi.waitFor(async () => {
      const found = await exportsOf([String(answer.headers.get("x-request-id"))]);
      expect(found).toHaveLength(2);
      return found;
    });
    expect(rows.map(({ userId, result, details }) => ({ userId, result, details }))).toEqual([
      { userId: auditor.user.id, result: "success", details: { format: "jsonl", filter: { session } } },
      { userId: auditor.user.id, result: "success", details: { format: "jsonl", rows: 2, complete: true } },
    ]);
  });
});

describe("what is rare", () => {
  it("is found however many rows one statement looks at", async () => {
    const session = newId();
    const names = ["rare 1", "a", "b", "c", "rare 2", "d", "e", "rare 3"];
    await recordAll(
      api.database.db,
      names.map((target) => written(session, target)),
    );
    for (const lookAt of [1, 2, 3, 4, 8, 9]) {
      const found: (string | null)[] = [];
      const pages = rowsOf(api.database.db, { session, text: "rare" }, lookAt);
      for await (const page of pages) found.push(...page.map(({ target }) => target));
      expect(found, String(lookAt)).toEqual(["rare 1", "rare 2", "rare 3"]);
    }
  });
});

describe("the table", () => {
  it("is nobody's formula, and quotes what it must", async () => {
    const session = newId();
    const evil = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(1)", " =1", 'say "a, b"\n=2'];
    await recordAll(
      api.database.db,
      evil.map((target) => written(session, target)),
    );
    const { headers, text } = await auditor.client.get(`/api/audit/export.csv?session=${session}`);
    expect(headers["content-type"]).toContain("text/csv");
    expect(headers["content-disposition"]).toMatch(/^attachment;.*\.csv$/);
    const [head, ...lines] = text.split("\r\n");
    expect(head).toContain("at,actor,person,email");
    expect(lines).toHaveLength(evil.length + 1);
    expect(text).not.toMatch(/,"?\s*[=+@-]/);
    expect(text).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(text).toContain(`"say ""a, b""`);
  });
});

describe("the bundle", () => {
  const session = newId();
  const other = newId();
  const planted = [
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "sk-ant-api03-planted-planted-planted-planted-AA",
  ];
  let folder: string;
  beforeAll(async () => {
    for (let seal = 0; seal < 3; seal += 1) {
      const mine = Array.from({ length: 7 }, (_, index) =>
        written(session, `mine-${seal}-${index}`, { note: "one line\u2028for JSON" }),
      );
      const theirs = Array.from({ length: 6 }, (_, index) => written(other, `theirs-${seal}-${index}`));
      await recordAll(
        api.database.db,
        mine.flatMap((one, index) => [one, ...theirs.slice(index, index + 1)]),
      );
      await record(
        api.database.db,
        written(session, "secret", { token: planted[0], note: `key ${planted[1]}` }),
      );
      await sealed(session);
    }
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function unpacked(): Promise<string> {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    folder = await mkdtemp(join(tmpdir(), "audit-bundle-"));
    const answer = await download("bundle", session);
    const bytes = Readable.from([Buffer.from(await answer.arrayBuffer())]);
    await pipeline(bytes, createGunzip(), extract({ cwd: folder }));
    const [name] = await readdir(folder);
    return join(folder, name ?? "");
  }

  const check = (at: string, ...args: string[]) =>
    new Promise<{ code: number; said: string }>((resolve) => {
      execFile(process.execPath, [join(at, "verify.mjs"), ...args], { env: {} }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
      );
    });

  async function change(at: string, path: string, edit: (text: string) => string): Promise<void> {
    const before = await readFile(join(at, path), "utf8");
    const after = edit(before);
    expect(after).not.toBe(before);
    await writeFile(join(at, path), after);
  }

  it("is checked by its own script, with nothing but node", async () => {
    const at = await unpacked();
    const { code, said } = await check(at);
    const [key] = api.app.context.config.audit.sealKeys;
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain("Rows that are proven: 24; rows in no seal yet, not proven by one: 0");
    expect(said).toContain(`signed with ${key.id}`);
    expect(said).toMatch(/the newest: seal \d+, [0-9a-f]{64}/);
    expect((await check(at, "--trust", key.id)).code).toBe(0);
    const stranger = await check(at, "--trust", "0".repeat(64));
    expect(stranger.code).toBe(1);
    expect(stranger.said).toContain("is not trusted");
  });

  it("holds nothing of other rows, and no secrets", async () => {
    const at = await unpacked();
    const files = await readdir(at, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "utf8")),
    );
    const all = texts.join("\n");
    expect(all).toContain("mine-0-0");
    expect(all).not.toContain("theirs");
    expect(all).not.toContain(other);
    for (const secret of planted) expect(all).not.toContain(secret);
  });

  it("names rows that are in no seal yet as not proven", async () => {
    await record(api.database.db, written(session, "fresh"));
    const at = await unpacked();
    const { code, said } = await check(at);
    expect(code).toBe(0);
    // The sealer of the api may have come by in between.
    expect(said).toMatch(/proven: (24; .*one: 1|25; .*one: 0)/);
  });

  const rows = "rows/000001.jsonl";
  const seals = "seals/000001.jsonl";
  const lineWith = (text: string, target: string) =>
    JSON.parse(text.split("\n").find((line) => line.includes(target)) ?? "{}") as {
      line: string;
      path: string[];
      seal: string;
    };

  it.each<[string, (at: string) => Promise<string | RegExp>]>([
    [
      "a line",
      async (at) => {
        const { line } = lineWith(await readFile(join(at, rows), "utf8"), "mine-1-2");
        await change(at, rows, (text) => text.replace("mine-1-2", "mine-1-X"));
        return `Row ${JSON.parse(line).id}`;
      },
    ],
    [
      "a path",
      async (at) => {
        const { line, path } = lineWith(await readFile(join(at, rows), "utf8"), "mine-2-3");
        const [first = ""] = path;
        const wrong = `${first.startsWith("0") ? "1" : "0"}${first.slice(1)}`;
        await change(at, rows, (text) =>
          text
            .split("\n")
            .map((one) => (one.includes("mine-2-3") ? one.replace(first, wrong) : one))
            .join("\n"),
        );
        return `Row ${JSON.parse(line).id}`;
      },
    ],
    [
      "a seal",
      async (at) => {
        const { seal } = lineWith(await readFile(join(at, rows), "utf8"), "mine-1-2");
        await change(at, seals, (text) =>
          text
            .split("\n")
            .map((one) =>
              one.includes(`\\"number\\":\\"${seal}\\"`) ? one.replace(/cluster\\":\\"\d/, "$&7") : one,
            )
            .join("\n"),
        );
        return `Seal ${seal} `;
      },
    ],
    [
      "a seal that was taken out",
      async (at) => {
        const { seal } = lineWith(await readFile(join(at, rows), "utf8"), "mine-1-2");
        await change(at, seals, (text) =>
          text
            .split("\n")
            .filter((one) => !one.includes(`\\"number\\":\\"${seal}\\"`))
            .join("\n"),
        );
        return "some are missing";
      },
    ],
    [
      "a key",
      async (at) => {
        const [{ id }] = JSON.parse(await readFile(join(at, "keys.json"), "utf8"));
        await change(at, "keys.json", (text) =>
          text.replace(/"publicKey": "(.*)(.)(.)="/, '"publicKey": "$1$3$2="'),
        );
        return `Key ${id} was changed`;
      },
    ],
    [
      "a row that was taken out",
      async (at) => {
        await change(at, rows, (text) => text.split("\n").slice(1).join("\n"));
        return `${rows} is not as it was exported`;
      },
    ],
    [
      "the manifest",
      async (at) => {
        await change(at, "manifest.json", (text) => text.replace(auditor.user.email, "nobody@example.org"));
        return "manifest.json was changed";
      },
    ],
  ])("names what was tampered with: %s", async (_, tamper) => {
    const at = await unpacked();
    const named = await tamper(at);
    const { code, said } = await check(at);
    expect(said).toMatch(/^✗ /);
    expect(said).toContain(named);
    expect(code).toBe(1);
  });

  it("says that it could not be checked when a part is not there", async () => {
    const at = await unpacked();
    await rm(join(at, "keys.json"));
    expect((await check(at)).code).toBe(2);
  });
});

describe("a large export", () => {
  const session = newId();
  const total = 20_000;
  beforeAll(async () => {
    // In transactions of their own, as rows come: those of one have one time.
    for (let first = 1; first <= total; first += 500) {
      await api.database.db.$executeRaw`
        insert into audit_logs (id, actor_kind, action, session_id, target, details)
        select gen_random_uuid(), 'system', 'file.written', ${session}::uuid, 'f' || n,
          jsonb_build_object('note', repeat('x', 2500))
        from generate_series(${first}::int, ${first + 499}::int) n`;
    }
  }, 60_000);

  it("has every row once, those of one moment too", { timeout: 120_000 }, async () => {
    const answer = await download("jsonl", session);
    const lines = (await answer.text()).trimEnd().split("\n");
    expect(lines).toHaveLength(total);
    expect(new Set(lines.map((line) => JSON.parse(line).target)).size).toBe(total);
  });

  it("waits for whoever reads slowly, and ends when they leave", { timeout: 120_000 }, async () => {
    const requestId = await new Promise<string>((resolve, reject) => {
      const asked = request(
        `${api.client.origin}/api/audit/export.jsonl?session=${session}`,
        { headers: auditor.client.headers },
        (response) => {
          response.once("data", () => {
            response.pause();
            resolve(String(response.headers["x-request-id"]));
            // The api writes into the buffers between us until they are full; then we leave.
            setImmediate(() => response.destroy());
          });
          response.once("error", () => {});
        },
      );
      asked.once("error", reject);
      asked.end();
    });
    const ends = await vi.waitFor(
      async () => {
        const found = await exportsOf([requestId]);
        expect(found).toHaveLength(2);
        return found.slice(1);
      },
      { timeout: 30_000, interval: 50 },
    );
    expect(ends).toMatchObject([{ result: "failed", details: { complete: false } }]);
    const [{ rows } = { rows: total }] = ends.map(({ details }) => details as { rows: number });
    expect(rows).toBeLessThan(total);
  });
});
