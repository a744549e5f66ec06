import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { presentSession } from "./present.ts";
import { findRecord, listMembers } from "./queries.ts";

/** Sessions being announced now; true when they changed again meanwhile. */
const running = perContext(() => new Map<string, boolean>());

/**
 * Tells everybody who sees the session how its row stands now, each with their own abilities. One announcement of
 * a session at a time, so that nobody hears of an older state after a newer one. Never throws.
 */
export function announceSession(context: Context, sessionId: string): void {
  const announcing = running(context);
  if (announcing.has(sessionId)) {
    announcing.set(sessionId, true);
    return;
  }
  announcing.set(sessionId, false);
  announce(context, sessionId)
    .catch((error) => context.log.warn({ err: error, sessionId }, "a session's change was not announced"))
    .finally(() => {
      const again = announcing.get(sessionId) === true;
      announcing.delete(sessionId);
      if (again) announceSession(context, sessionId);
    });
}

async function announce(context: Context, sessionId: string): Promise<void> {
  const [session, members] = await Promise.all([
    findRecord(context.db, sessionId),
    listMembers(context.db, sessionId, context.clock.now()),
  ]);
  if (session === null) return;
  const byPart = Map.groupBy(members, ({ role, mayAnswer }) => `${role} ${mayAnswer}`);
  for (const alike of byPart.values()) {
    const [{ role, mayAnswer }] = alike as [(typeof alike)[number]];
    const payload = { session: presentSession({ session, role, mayAnswer }) };
    const userIds = alike.map(({ userId }) => userId);
    context.broadcast.toUsers("session.changed", userIds, sessionId, payload);
  }
}
