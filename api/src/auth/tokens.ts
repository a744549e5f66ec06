import type { Token, Transaction } from "@remote-claude/prisma";
import { AppError, type TokenScope } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";

const dayMs = 24 * 3600 * 1000;
const maxTokens = 100;

/** The person's tokens that still count, newest first. */
export function listTokens(context: Context, principal: Principal): Promise<Token[]> {
  return context.db.token.findMany({ where: valid(context, principal), orderBy: { createdAt: "desc" } });
}

const valid = (context: Context, principal: Principal) => ({
  userId: principal.id,
  revokedAt: null,
  OR: [{ expiresAt: null }, { expiresAt: { gt: context.clock.now() } }],
});

/** Makes a token; its text is known here and to the person who asked, and to nobody afterwards. */
export async function createToken(
  context: Context,
  principal: Principal,
  input: {
    name: string;
    expiresInDays?: number | undefined;
    scopes?: readonly TokenScope[];
    /** It is given to a device by the device flow. */
    device?: boolean;
  },
): Promise<{ token: Token; secret: string }> {
  const secret = `rcl_${randomSecret()}`;
  const now = context.clock.now();
  const token = await context.db.$transaction(async (transaction) => {
    if ((await transaction.token.count({ where: valid(context, principal) })) >= maxTokens) {
      throw new AppError("quota_exceeded", `You have ${maxTokens} tokens. Revoke one first.`);
    }
    const token = await transaction.token.create({
      data: {
        userId: principal.id,
        name: input.name,
        hash: sha256(secret),
        prefix: secret.slice(0, 10),
        scopes: [...new Set(input.scopes)],
        device: input.device ?? false,
        createdAt: now,
        expiresAt:
          input.expiresInDays === undefined ? null : new Date(now.getTime() + input.expiresInDays * dayMs),
      },
    });
    await record(transaction, {
      action: "token.created",
      actor: principal,
      target: token.name,
      details: { tokenId: token.id, prefix: token.prefix, scopes: token.scopes, expiresAt: token.expiresAt },
    });
    return token;
  });
  return { token, secret };
}

/** Revokes one of the person's own tokens, and closes the live connections it opened. */
export async function revokeToken(context: Context, principal: Principal, tokenId: string): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.token.updateMany({
      where: { id: tokenId, userId: principal.id, revokedAt: null },
      data: { revokedAt: context.clock.now() },
    });
    if (count === 0) throw new AppError("not_found", "You have no such token.");
    await record(transaction, { action: "token.revoked", actor: principal, details: { tokenId } });
  });
  context.broadcast.disconnect({ tokenId }, "sign-in-again");
}

/**
 * Ends the tokens of devices, or all tokens, of a person, with devices that were allowed one and have not fetched it;
 * but the one that is asked by. `endTokens` closes their connections when that is committed.
 */
export async function takeTokens(
  { clock }: Context,
  transaction: Transaction,
  principal: Principal,
  { userId, which }: { userId: string; which: "devices" | "all" },
): Promise<string[]> {
  await transaction.deviceGrant.updateMany({
    where: { userId, state: "approved" },
    data: { state: "denied" },
  });
  const rows = await transaction.token.findMany({
    where: {
      userId,
      revokedAt: null,
      ...(which === "devices" ? { device: true } : {}),
      ...(principal.via.kind === "token" ? { id: { not: principal.via.id } } : {}),
    },
    select: { id: true, name: true },
  });
  const ids = rows.map(({ id }) => id);
  await transaction.token.updateMany({ where: { id: { in: ids } }, data: { revokedAt: clock.now() } });
  for (const { id, name } of rows) {
    await record(transaction, {
      action: "token.revoked",
      actor: principal,
      target: name,
      details: { tokenId: id, userId },
    });
  }
  return ids;
}

export function endTokens(context: Context, tokenIds: readonly string[]): void {
  for (const tokenId of tokenIds) context.broadcast.disconnect({ tokenId }, "sign-in-again");
}
