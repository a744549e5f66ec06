import { randomBytes } from "node:crypto";
import type { Transaction, User } from "@remote-claude/prisma";
import { newId } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import { Secret, TOTP } from "otpauth";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { seal, unseal } from "../lib/seal.ts";
import { sha256 } from "../lib/secrets.ts";

const stepSeconds = 30;
const recoveryCodes = 10;
const purpose = "second-factor";
const base32 = "abcdefghijklmnopqrstuvwxyz234567";

const totpOf = (email: string, secret: Secret) =>
  new TOTP({ issuer: "Remote Claude", label: email, digits: 6, period: stepSeconds, secret });

/** A secret for the app of somebody who has a password; the one before that was not confirmed is forgotten. */
export async function beginSecondFactor(
  context: Context,
  principal: Principal,
): Promise<{ secret: string; uri: string }> {
  const secret = new Secret({ size: 20 });
  const { count } = await context.db.user.updateMany({
    where: { id: principal.id, totpEnabledAt: null, passwordHash: { not: null } },
    data: { totpSecret: seal(context.config.placeSecretKey, purpose, secret.base32), totpLastStep: null },
  });
  if (count === 0) {
    throw new AppError("conflict", "Your account has a second factor already, or no password to add one to.");
  }
  return { secret: secret.base32, uri: totpOf(principal.email, secret).toString() };
}

/** Turns it on with a first code. The recovery codes' texts are known here and to the person alone. */
export async function confirmSecondFactor(
  context: Context,
  principal: Principal,
  code: string,
): Promise<string[]> {
  const user = await context.db.user.findUniqueOrThrow({ where: { id: principal.id } });
  if (user.totpSecret === null || user.totpEnabledAt !== null) {
    throw new AppError("conflict", "Begin with a new secret first.");
  }
  return context.db.$transaction(async (transaction) => {
    if (!(await useTotp(context, transaction, user, code))) {
      throw new AppError("bad_request", "This code is not right. Is the clock of your device?");
    }
    const now = context.clock.now();
    await transaction.user.update({ where: { id: user.id }, data: { totpEnabledAt: now } });
    await record(transaction, { action: "user.second-factor-enabled", actor: principal, target: user.email });
    return replaceRecoveryCodes(transaction, user.id, now);
  });
}

export async function disableSecondFactor(context: Context, principal: Principal): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    await removeSecondFactor(transaction, principal.id);
    await record(transaction, { action: "user.second-factor-disabled", actor: principal });
  });
}

/** With its recovery codes; who may, and the record of it, are the caller's. */
export async function removeSecondFactor(transaction: Transaction, userId: string): Promise<void> {
  const { count } = await transaction.user.updateMany({
    where: { id: userId, totpEnabledAt: { not: null } },
    data: { totpSecret: null, totpEnabledAt: null, totpLastStep: null },
  });
  if (count === 0) throw new AppError("conflict", "There is no second factor.");
  await transaction.recoveryCode.deleteMany({ where: { userId } });
}

export async function makeRecoveryCodes(context: Context, principal: Principal): Promise<string[]> {
  return context.db.$transaction(async (transaction) => {
    const user = await transaction.user.findUniqueOrThrow({ where: { id: principal.id } });
    if (user.totpEnabledAt === null) throw new AppError("conflict", "There is no second factor.");
    await record(transaction, { action: "user.recovery-codes-made", actor: principal });
    return replaceRecoveryCodes(transaction, user.id, context.clock.now());
  });
}

/** Whether the code is one of the app's, or a recovery code; each counts once. */
export async function useSecondFactor(
  context: Context,
  transaction: Transaction,
  user: User,
  code: string,
): Promise<boolean> {
  if (/^\d{6}$/.test(code)) return useTotp(context, transaction, user, code);
  const { count } = await transaction.recoveryCode.updateMany({
    where: { userId: user.id, hash: sha256(plain(code)), usedAt: null },
    data: { usedAt: context.clock.now() },
  });
  return count === 1;
}

/** The half minute before and after count too, for clocks that differ; a half minute counts once. */
async function useTotp(
  context: Context,
  transaction: Transaction,
  user: User,
  code: string,
): Promise<boolean> {
  const sealed = user.totpSecret;
  const secret = sealed === null ? null : unseal(context.config.placeSecretKey, purpose, sealed);
  if (secret === null) return false;
  const timestamp = context.clock.now().getTime();
  const delta = totpOf(user.email, Secret.fromBase32(secret)).validate({ token: code, timestamp, window: 1 });
  if (delta === null) return false;
  const step = Math.floor(timestamp / 1000 / stepSeconds) + delta;
  const { count } = await transaction.user.updateMany({
    where: { id: user.id, OR: [{ totpLastStep: null }, { totpLastStep: { lt: step } }] },
    data: { totpLastStep: step },
  });
  return count === 1;
}

/** 80 random bits each, so that a plain hash is enough. */
async function replaceRecoveryCodes(transaction: Transaction, userId: string, now: Date): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodes }, () =>
    Array.from(randomBytes(16), (byte) => base32[byte & 31]).join(""),
  );
  await transaction.recoveryCode.deleteMany({ where: { userId } });
  await transaction.recoveryCode.createMany({
    data: codes.map((code) => ({ id: newId(), userId, hash: sha256(code), createdAt: now })),
  });
  return codes.map((code) => code.match(/.{4}/g)?.join("-") ?? code);
}

const plain = (code: string) => code.toLowerCase().replaceAll(/[^a-z2-7]/g, "");
