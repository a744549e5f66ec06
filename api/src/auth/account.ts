import { AppError } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import { guardAttempt } from "./sign-in.ts";
import { endTokens, takeTokens } from "./tokens.ts";

export async function getSecurity({ db, config }: Context, { id }: Principal) {
  const user = await db.user.findUniqueOrThrow({ where: { id } });
  return {
    password: config.signIn.password && user.passwordHash !== null,
    secondFactor: user.totpEnabledAt !== null,
    recoveryCodesLeft: await db.recoveryCode.count({ where: { userId: id, usedAt: null } }),
  };
}

/** For acts that somebody with another's open page must not be able to do. */
export async function assertPassword(
  context: Context,
  principal: Principal,
  password: string,
): Promise<void> {
  const attempt = await guardAttempt(context, principal.email, principal);
  const user = await context.db.user.findUniqueOrThrow({ where: { id: principal.id } });
  if (!(await verifyPassword(user.passwordHash, password))) {
    throw new AppError("forbidden", "The password is wrong.");
  }
  await attempt.succeeded();
}

/** A new password; whoever knew the old one is out, and what they may have allowed a device by it. */
export async function changePassword(
  context: Context,
  principal: Principal,
  { current, password, revokeTokens }: { current: string; password: string; revokeTokens: boolean },
): Promise<void> {
  await assertPassword(context, principal, current);
  const passwordHash = await hashPassword(password);
  await context.db.$transaction(async (transaction) => {
    await transaction.user.update({ where: { id: principal.id }, data: { passwordHash } });
    await record(transaction, { action: "user.password-changed", actor: principal, target: principal.email });
  });
  await revokeOtherSignIns(context, principal, revokeTokens);
}

/**
 * Ends every sign-in and device of this person but the one they ask by, with the live connections of those; their
 * personal access tokens if they wish.
 */
export async function revokeOtherSignIns(
  context: Context,
  principal: Principal,
  revokeTokens: boolean,
): Promise<void> {
  const current = principal.via.kind === "sign-in" ? principal.via.id : null;
  const now = context.clock.now();
  const ended = await context.db.$transaction(async (transaction) => {
    const rows = await transaction.signIn.findMany({
      where: {
        userId: principal.id,
        revokedAt: null,
        expiresAt: { gt: now },
        ...(current === null ? {} : { id: { not: current } }),
      },
      select: { id: true },
    });
    const ids = rows.map(({ id }) => id);
    await transaction.signIn.updateMany({ where: { id: { in: ids } }, data: { revokedAt: now } });
    for (const id of ids) {
      await record(transaction, { action: "sign-in.ended", actor: principal, details: { signIn: id } });
    }
    const which = revokeTokens ? "all" : "devices";
    return {
      ids,
      tokens: await takeTokens(context, transaction, principal, { userId: principal.id, which }),
    };
  });
  endTokens(context, ended.tokens);
  for (const signInId of ended.ids) context.broadcast.disconnect({ signInId }, "sign-in-again");
}
