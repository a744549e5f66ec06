import type { Transaction } from "@remote-claude/prisma";
import type { AuditEntry } from "../audit/index.ts";

/** Whom the entry names on the session's word alone. */
function claimedBy({ actor }: AuditEntry): string | null {
  return "kind" in actor && actor.kind !== "system" ? actor.userId : null;
}

/**
 * A journal entry says by itself who wrote or answered it, and code in a session can write its own. In the record
 * only people of that session can be named so: anybody else's name stays a claim.
 */
export async function withKnownActors(
  tx: Transaction,
  sessionId: string,
  entries: readonly AuditEntry[],
): Promise<readonly AuditEntry[]> {
  if (entries.every((entry) => claimedBy(entry) === null)) return entries;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select owner_id as id from sessions where id = ${sessionId}::uuid
    union select user_id from session_members where session_id = ${sessionId}::uuid`;
  const known = new Set(rows.map(({ id }) => id));
  return entries.map((entry) => {
    const { actor, details } = entry;
    const claimed = claimedBy(entry);
    if (claimed === null || known.has(claimed) || !("kind" in actor) || actor.kind === "system") return entry;
    return { ...entry, actor: { ...actor, userId: null }, details: { ...details, claimedUserId: claimed } };
  });
}
