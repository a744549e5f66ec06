import type { AuditFilter } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { perContext } from "../lib/per-context.ts";

/** Who goes on looking at the same is on record once in so long, not for each page and each look for what is new. */
const againAfterMs = 10 * 60_000;
const mostKept = 10_000;

const lastLooks = perContext(() => new Map<string, number>());

/**
 * Looking is an act, too: records who looked for what, before they are shown it. The range of time is told, but does
 * not make it another look. Each api of several remembers for itself.
 */
export async function recordLook(
  context: Context,
  principal: Principal,
  what: { readonly filter?: AuditFilter; readonly sessionId?: string; readonly target?: string },
): Promise<void> {
  const { from: _, to: __, ...same } = what.filter ?? {};
  const key = JSON.stringify([
    principal.id,
    principal.via.id,
    what.sessionId,
    what.target,
    Object.entries(same).sort(),
  ]);
  const looks = lastLooks(context);
  const now = context.clock.now().getTime();
  if (now - (looks.get(key) ?? Number.NEGATIVE_INFINITY) < againAfterMs) return;
  looks.delete(key);
  // Before it is written: the page asks for the list and for the counts in one moment.
  looks.set(key, now);
  try {
    await record(context.db, {
      action: "audit.viewed",
      actor: principal,
      sessionId: what.sessionId ?? null,
      target: what.target ?? null,
      details: { ...what.filter },
    });
  } catch (error) {
    looks.delete(key);
    throw error;
  }
  const [oldest] = looks.keys();
  if (looks.size > mostKept && oldest !== undefined) looks.delete(oldest);
}
