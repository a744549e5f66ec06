import { AppError, type SessionAbility } from "@remote-claude/protocol";
import { countingSignIns } from "../auth/index.ts";
import type { Context, Principal } from "../context.ts";
import { eachSecond } from "../lib/each-second.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { can } from "../policy/index.ts";
import { findSessionAccess } from "./service.ts";

/** Who does something long in which session, and what that takes. */
export interface LongAct {
  readonly principal: Principal;
  readonly sessionId: string;
  readonly needs: SessionAbility;
}

/**
 * Does what a request waits long for, or goes on hearing of, and gives it up within a second of the person's access
 * being lost, however that came about. The work's signal aborts then, and when the client is gone; the promise
 * rejects with what the request would be refused with by now.
 */
export async function whileAllowed<T>(
  context: Context,
  act: LongAct,
  gone: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const end = eachSecond(context, async () => {
    const refusal = await refusalOf(context, act);
    if (refusal !== null) lost.abort(refusal);
  });
  try {
    return await orAborted(lost.signal, work(AbortSignal.any([gone, lost.signal])));
  } finally {
    end();
  }
}

/** null: the same request would be let in. */
async function refusalOf(
  context: Context,
  { principal, sessionId, needs }: LongAct,
): Promise<AppError | null> {
  if ((await countingSignIns(context, [principal])).size === 0) {
    return new AppError("unauthenticated", "Sign in first.");
  }
  const access = await findSessionAccess(context, principal, sessionId);
  if (access === null) return new AppError("not_found", "There is no such session.");
  if (can(principal, needs, access)) return null;
  return new AppError("forbidden", `As ${access.role} of this session you may not do this any more.`);
}
