import type { SessionRole } from "@remote-claude/protocol";
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
  const session = await findRecord(context.db, sessionId);
  if (session === null) return;
  const usersByRole = new Map<SessionRole, string[]>();
  for (const { userId, role } of await listMembers(context.db, sessionId, context.clock.now())) {
    usersByRole.set(role, [...(usersByRole.get(role) ?? []), userId]);
  }
  for (const [role, userIds] of usersByRole) {
    const payload = { session: presentSession({ session, role }) };
    context.broadcast.toUsers("session.changed", userIds, sessionId, payload);
  }
}
