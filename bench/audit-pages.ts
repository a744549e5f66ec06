import { createDb, type Db } from "@remote-claude/prisma";
import { createTestDatabase } from "@remote-claude/prisma/testing";
import type { AuditFilter } from "@remote-claude/protocol";
import pg from "pg";
import { countEntries } from "../api/src/audit-review/counts.ts";
import { listEntries } from "../api/src/audit-review/list.ts";
import type { Figure } from "./lib/report.ts";
import { median } from "./lib/statistics.ts";

/** Ten million take minutes to make: `AUDIT_ROWS=10000000 npm run bench audit-pages`. */
const rows = Number(process.env.AUDIT_ROWS ?? 1_000_000);
const months = 6;
const people = 200;
const sessions = 5000;
const perStatement = 250_000;
const rounds = 7;
const limit = 100;

/** The last months, as the product has them after a while. */
const makeMonths = `
do $$
declare
  month timestamptz := date_trunc('month', now()) - interval '${months} months';
begin
  while month < date_trunc('month', now()) loop
    execute format('create table audit_partitions.%I partition of public.audit_logs for values from (%L) to (%L)',
      'audit_logs_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
    month := month + interval '1 month';
  end loop;
end $$`;

/**
 * Rows as an organisation makes them, oldest first: most are of Claude's work, a few in a thousand of signing in, and
 * hardly any of settings. What they hold follows from their number, so that each run has the same.
 */
const fill = `
insert into audit_logs (id, at, actor_kind, user_id, action, result, session_id, target, address, user_agent,
                        request_id, details)
select gen_random_uuid(), now() - make_interval(secs => ($3 - n) * ${months * 30 * 86_400}.0 / $3),
  (case when n % 10 < 7 then 'claude' else 'user' end)::audit_actor_kind,
  md5('person ' || n * 7919 % ${people})::uuid,
  case when n % 100003 = 0 then 'settings.changed' when n % 997 = 0 then 'sign-in.failed'
    else (array['model.requested', 'claude.tool-used', 'egress.allowed', 'model.requested', 'claude.tool-used',
      'file.read', 'file.written', 'terminal.opened', 'claude.prompted', 'egress.refused'])[1 + n % 10] end,
  (case when n % 997 = 0 or n % 10 = 9 then 'refused' else 'success' end)::audit_result,
  md5('session ' || n * 104729 % ${sessions})::uuid, 'src/part-' || n % 1009 || '/file-' || n % 50021 || '.ts',
  '10.0.' || n % 16 || '.' || n % 251, 'Mozilla/5.0 (X11; Linux x86_64) of the benchmark', gen_random_uuid()::text,
  jsonb_build_object('conversationId', md5('talk ' || n % 20011), 'seq', n, 'inputSha256', md5(n::text) || md5('x' || n))
from generate_series($1::bigint, $2::bigint) n`;

async function makeRecord(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(makeMonths);
    for (let first = 1; first <= rows; first += perStatement) {
      await owner.query(fill, [first, Math.min(rows, first + perStatement - 1), rows]);
    }
    await owner.query("vacuum analyze audit_logs");
  } finally {
    await owner.end();
  }
}

async function milliseconds(ask: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  // The first one plans, and reads from the disk.
  await ask();
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await ask();
    taken.push(performance.now() - startedAt);
  }
  return median(taken);
}

/** Where a page begins that is half of the record down. */
async function halfWay(db: Db): Promise<string> {
  const [row] = await db.$queryRaw<{ at: Date; id: string }[]>`
    select at, id::text as id from audit_logs where at < now() - make_interval(days => ${(months * 30) / 2}::int)
    order by at desc, id desc limit 1`;
  return row === undefined ? "" : `${row.at.toISOString()}_${row.id}`;
}

/** What an auditor asks, and how long the answer takes in the api, names and all, beside a bare first page. */
export async function run(): Promise<Figure[]> {
  const database = await createTestDatabase();
  const db = createDb({ url: database.url });
  try {
    await makeRecord(database.ownerUrl);
    const [known] = await db.$queryRaw<[{ person: string; session: string }]>`
      select md5('person 42')::uuid::text as person, md5('session 4242')::uuid::text as session`;
    const bare = await milliseconds(
      () => db.$queryRaw`
        select id::text as id, at, action, result::text as result, target, address, user_agent, details from audit_logs
        order by at desc, id desc limit ${limit + 1}`,
    );
    const after = await halfWay(db);
    const list =
      (filter: AuditFilter, more: { after?: string } = {}) =>
      () =>
        listEntries(db, { ...filter, ...more, limit });
    const count = (filter: AuditFilter) => () => countEntries(db, filter, new Date());
    const { person, session } = known;
    const asked: [string, () => Promise<unknown>][] = [
      ["first page", list({})],
      ["a page half of the record down", list({}, { after })],
      ["a person", list({ person })],
      ["a session", list({ session })],
      ["a frequent action", list({ actions: "claude.tool-used" })],
      ["a rare action", list({ actions: "settings.changed" })],
      ["what a person was refused", list({ person, results: "refused" })],
      ["an address", list({ address: "10.0.3.7" })],
      ["text that is there", list({ text: "part-77/" })],
      ["text that is not there", list({ text: "nothing of the kind" })],
      ["counts of everything", count({})],
      ["counts of a person", count({ person })],
    ];
    const figures: Figure[] = [];
    for (const [what, ask] of asked) {
      const name = `audit record of ${rows.toLocaleString("en")}: ${what}`;
      figures.push({ what: name, unit: "ms", ours: await milliseconds(ask), floor: bare, budget: null });
    }
    return figures;
  } finally {
    await db.$disconnect();
    await database.drop();
  }
}
