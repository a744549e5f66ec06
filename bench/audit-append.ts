import { createDb, newId } from "@remote-claude/prisma";
import pg from "pg";
import { recordAll } from "../api/src/audit/index.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";

const concurrency = 8;
const rows = 4000;

async function perSecond(insert: () => Promise<unknown>): Promise<number> {
  let left = rows;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await insert();
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, work));
  return rows / ((performance.now() - startedAt) / 1000);
}

const details = { cwd: "src", command: "npm test", exitCode: 0 };
const statement = `insert into audit_logs (id, actor_kind, user_id, action, result, session_id, target, address,
  user_agent, request_id, details) values ($1, 'user', $2, $3, 'success', $4, $5, $6, $7, $8, $9)`;

/** Rows a second at concurrency 8: the api's own way of recording, and bare inserts of the same rows. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const { DATABASE_URL: url = "" } = await stage.environment("api");
  const db = createDb({ url, maxConnections: concurrency });
  const pool = new pg.Pool({ connectionString: url, max: concurrency });
  try {
    const user = await db.user.findFirstOrThrow();
    const session = newId();
    const actor = {
      kind: "user",
      userId: user.id,
      address: "127.0.0.1",
      userAgent: "bench",
      requestId: newId(),
    } as const;
    const ours = () =>
      recordAll(db, [{ action: "command.executed", actor, sessionId: session, target: "npm test", details }]);
    const theirs = () =>
      pool.query({
        name: "audit",
        text: statement,
        values: [
          newId(),
          user.id,
          "command.executed",
          session,
          "npm test",
          "127.0.0.1",
          "bench",
          actor.requestId,
          details,
        ],
      });
    await perSecond(ours);
    const results = await rounds(
      7,
      () => perSecond(ours),
      () => perSecond(theirs),
    );
    return [
      {
        what: `audit appends, concurrency ${concurrency}`,
        unit: "rows/s",
        ours: median(results.ours),
        floor: median(results.floor),
        budget: { of: "ratio", bound: "at least", must: 0.6, aim: 0.8 },
      },
    ];
  } finally {
    await pool.end();
    await db.$disconnect();
    await stage.close();
  }
}
