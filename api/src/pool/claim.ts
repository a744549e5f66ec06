import type { Transaction } from "@remote-claude/prisma";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { recipeOf, warmCount } from "./recipe.ts";

/**
 * Gives the session a place that stands ready, if there is one that is made as it would be made now; its id, or null.
 * Two who ask at once never get the same one. A session takes its template's limits, and so did the place.
 */
export async function claimPlace(
  context: Context,
  transaction: Transaction,
  { sessionId, template }: { sessionId: string; template: string },
): Promise<string | null> {
  const { config, clock } = context;
  if (warmCount(config, template) === 0) return null;
  const [claimed] = await transaction.$queryRaw<{ id: string }[]>`
    update places set session_id = ${sessionId}::uuid, claimed_at = ${clock.now()}
    where id = (
      select id from places
      where session_id is null and removed_at is null and state = 'running'
        and template = ${template} and made_from = ${recipeOf(config, template)}
      order by created_at limit 1 for update skip locked
    ) returning id`;
  return claimed?.id ?? null;
}

const claims = perContext(() => ({ hit: 0, miss: 0 }));

/** Counts a new session of a template that has a pool. */
export function countClaim(context: Context, template: string, hit: boolean): void {
  if (warmCount(context.config, template) > 0) claims(context)[hit ? "hit" : "miss"] += 1;
}

/** For /metrics: unclaimed places by template and state, and how often one was there when it was wanted. */
export async function poolFigures(context: Context) {
  const places = await context.db.$queryRaw<{ template: string; state: string; count: number }[]>`
    select template, state::text, count(*)::int as count from places
    where session_id is null and removed_at is null group by template, state`;
  return { places, claims: { ...claims(context) } };
}
