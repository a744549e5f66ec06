import type { AlertRule, Transaction } from "@remote-claude/prisma";
import type { AlertKind } from "@remote-claude/protocol";

/** What of a row of the audit record a message is made of. */
export interface StreamRow {
  readonly at: string;
  readonly action: string;
  readonly result: string;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly target: string | null;
  readonly address: string | null;
  readonly details: string;
}

/** What a message says of the last row that it is about. */
export async function describe(
  db: Transaction,
  { kind, windowMinutes }: AlertRule,
  row: StreamRow,
  count: number,
): Promise<string> {
  const times = (one: string, many: string) => (count === 1 ? one : `${count} ${many}`);
  const minutes = windowMinutes === 1 ? "a minute" : `${windowMinutes} minutes`;
  const target = oneLine(row.target ?? "somebody");
  switch (kind as AlertKind) {
    case "egress-refused":
      return `${await sessionName(db, row.sessionId)} was kept from hosts ${times("once", "times")} within ${minutes}; the last one was ${target}.`;
    case "failed-sign-ins":
      return `${times("A sign-in", "sign-ins")} failed within ${minutes}; the last one was for ${target}${row.address === null ? "" : `, from ${row.address}`}.`;
    case "bypass-chosen":
      return `${await personName(db, row.userId)} switched Claude's permission questions off in ${await sessionName(db, row.sessionId)}.`;
    case "budget-reached":
      return `${target} has spent ${percentOf(row.details)} percent of this month's budget.`;
    case "record-broken":
      return `The audit record does not fit its seals: ${target}. Verify it (docs/audit.md).`;
    case "delivery-behind":
      return target;
  }
}

function percentOf(details: string): string {
  const { percent } = JSON.parse(details) as { percent?: unknown };
  return typeof percent === "number" ? String(percent) : "80 or 100";
}

async function sessionName(db: Transaction, id: string | null): Promise<string> {
  if (id === null) return "a session";
  const session = await db.session.findUnique({
    where: { id },
    select: { name: true, owner: { select: { email: true } } },
  });
  return session === null
    ? "a session that is gone"
    : `the session “${oneLine(session.name)}” of ${session.owner.email}`;
}

async function personName(db: Transaction, id: string | null): Promise<string> {
  if (id === null) return "Somebody";
  return (await db.user.findUnique({ where: { id }, select: { email: true } }))?.email ?? "Somebody";
}

/** Names and hosts are anybody's words. */
const oneLine = (text: string) => text.replace(/\s+/g, " ").slice(0, 200);
