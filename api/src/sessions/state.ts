import type { Transaction } from "@remote-claude/prisma";
import { AppError, canTransition, type SessionState, type StopReason } from "@remote-claude/protocol";
import type { Context, SessionRecord } from "../context.ts";

interface Change {
  readonly message?: string | null;
  readonly reason?: StopReason | null;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
  readonly lastActiveAt?: Date;
  readonly prepared?: true;
  readonly isolation?: NonNullable<SessionRecord["isolation"]>;
}

/**
 * Changes a session's state if it is still in one of `from`; false when somebody else was there first. Message and
 * reason are those of the new state: what is not given is cleared.
 */
export async function changeState(
  context: Context,
  transaction: Transaction,
  sessionId: string,
  from: readonly SessionState[],
  to: SessionState,
  change: Change = {},
): Promise<boolean> {
  const forbidden = from.find((state) => !canTransition(state, to));
  if (forbidden !== undefined) throw new Error(`no session goes from ${forbidden} to ${to}`);
  const { message = null, reason = null, ...rest } = change;
  const { count } = await transaction.session.updateMany({
    where: { id: sessionId, state: { in: [...from] }, deletedAt: null },
    data: {
      state: to,
      stateMessage: message,
      stopReason: reason,
      stateChangedAt: context.clock.now(),
      // Announced of the former state.
      stopsAt: null,
      stopsReason: null,
      stopsAction: null,
      ...rest,
    },
  });
  return count === 1;
}

/** The refusal of an act that the session's state does not allow. */
export function wrongState(session: Pick<SessionRecord, "state">, act: string): AppError {
  return new AppError("conflict", `The session is ${session.state}: it cannot be ${act} now.`, {
    details: { state: session.state },
  });
}

/** Refuses what needs a running session. */
export function assertRunning(session: Pick<SessionRecord, "state">): void {
  if (session.state === "running") return;
  throw new AppError("session_not_ready", `The session is ${session.state}, not running.`, {
    details: { state: session.state },
  });
}
