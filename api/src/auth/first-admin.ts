import { AppError } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import { hashPassword } from "./passwords.ts";

const linkMs = 3_600_000;
/** Any number, as long as it is this one everywhere: of the advisory lock under which the first user is made. */
const firstAdminLock = 7_233_001;

/** Makes the first admin when there is no user at all; two replicas that start at once make one. */
export async function ensureFirstAdmin(context: Context): Promise<void> {
  if ((await context.db.user.findFirst({ select: { id: true } })) !== null) return;
  const { email, password } = context.config.admin;
  const passwordHash = password === null ? null : await hashPassword(password);
  const made = await context.db.$transaction(async (transaction) => {
    await transaction.$executeRaw`select pg_advisory_xact_lock(${firstAdminLock}::bigint)`;
    if ((await transaction.user.findFirst({ select: { id: true } })) !== null) return false;
    const user = await transaction.user.create({
      data: { email, name: "Admin", role: "admin", passwordHash },
    });
    await record(transaction, {
      action: "user.created",
      actor: { kind: "system" },
      target: email,
      details: { userId: user.id, role: "admin" },
    });
    return true;
  });
  if (made) context.log.info({ email, byPassword: password !== null }, "made the first admin");
}

/** A one-time link's secret for the first admin: an hour, once. */
export async function makeSignInLink(context: Context): Promise<string> {
  const now = context.clock.now();
  const secret = randomSecret();
  await context.db.$transaction(async (transaction) => {
    const admin = await transaction.user.findFirst({
      where: { role: "admin", status: "active" },
      orderBy: { createdAt: "asc" },
    });
    if (admin === null) throw new AppError("not_found", "There is no active admin to sign in.");
    await transaction.signInLink.create({
      data: {
        hash: sha256(secret),
        userId: admin.id,
        createdAt: now,
        expiresAt: new Date(now.getTime() + linkMs),
      },
    });
    await record(transaction, {
      action: "sign-in.link-made",
      actor: { kind: "system" },
      target: admin.email,
      details: { userId: admin.id },
    });
  });
  return secret;
}
