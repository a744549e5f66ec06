import type { Session } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { announceSession } from "./announce.ts";
import { keepUp } from "./enforce-limits.ts";

const oncePerMs = 60_000;
const maxRemembered = 10_000;

/** When something was last done for a session (or a person), so that it is not done again within a minute. */
class Remembered {
  readonly #at = new Map<string, number>();

  isDue(id: string, now: number): boolean {
    if (now - (this.#at.get(id) ?? Number.NEGATIVE_INFINITY) < oncePerMs) return false;
    if (this.#at.size >= maxRemembered) this.#at.clear();
    this.#at.set(id, now);
    return true;
  }
}

const activity = perContext(() => new Remembered());
const measured = perContext(() => new Remembered());

/** Somebody does something in the session: its last activity moves, at most once a minute. Never throws. */
export function noteActivity(context: Context, sessionId: string): void {
  const now = context.clock.now();
  if (!activity(context).isDue(sessionId, now.getTime())) return;
  keepUp(context, sessionId)
    .then(() => announceSession(context, sessionId))
    .catch((error) => context.log.warn({ err: error, sessionId }, "activity was not noted"));
}

/**
 * Measures running sessions that were not measured for a minute, in the background; `list` (the text of the list that
 * this person is sent) is looked into once a minute besides. Never throws.
 */
export function measureInBackground(context: Context, personId: string, list: string): void {
  const now = context.clock.now().getTime();
  if (!measured(context).isDue(personId, now)) return;
  const { sessions } = JSON.parse(list) as { sessions: Session[] };
  for (const session of sessions) {
    if (session.state !== "running" || context.agents.info(session.id) === null) continue;
    if (!measured(context).isDue(session.id, now)) continue;
    measure(context, session.id, session.sizeBytes).catch((error) => {
      context.log.debug({ err: error, sessionId: session.id }, "a session was not measured");
    });
  }
}

async function measure(context: Context, sessionId: string, before: number | null): Promise<void> {
  const { bytes } = await context.agents.request(sessionId, "workspace.size", {});
  if (bytes === before) return;
  await context.db.session.updateMany({
    where: { id: sessionId, deletedAt: null },
    data: { sizeBytes: BigInt(bytes) },
  });
  announceSession(context, sessionId);
}
