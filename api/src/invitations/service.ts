import { type Invitation, newId, type Transaction, type User } from "@remote-claude/prisma";
import { AppError, type OrganisationRole } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import {
  beginSignIn,
  guardLink,
  hashPassword,
  isAllowedAddress,
  type SignedIn,
  type SignInSource,
} from "../auth/index.ts";
import type { Context, Principal } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import type { InvitationRecord } from "./present.ts";

const dayMs = 24 * 3600 * 1000;
const shown = 500;
const withInviter = { invitedBy: { select: { id: true, name: true } } } as const;

const open = (now: Date) => ({ acceptedAt: null, revokedAt: null, expiresAt: { gt: now } });
const gone = () => new AppError("not_found", "This invitation was used or revoked, or it is too old.");

export function listInvitations({ db }: Context): Promise<InvitationRecord[]> {
  return db.invitation.findMany({ orderBy: { createdAt: "desc" }, take: shown, include: withInviter });
}

/** Invites an address; what was open for it before is replaced. The link's text is known here alone. */
export async function createInvitation(
  context: Context,
  principal: Principal,
  input: { email: string; role: OrganisationRole; expiresInDays: number },
): Promise<{ invitation: InvitationRecord; link: string }> {
  const { email, role } = input;
  if (!isAllowedAddress(context.config, email)) {
    throw new AppError("conflict", "ALLOWED_DOMAINS keeps addresses of this domain out.");
  }
  const secret = randomSecret();
  const now = context.clock.now();
  const invitation = await context.db.$transaction(async (transaction) => {
    if ((await transaction.user.findUnique({ where: { email }, select: { id: true } })) !== null) {
      throw new AppError("conflict", "There is an account with this address already.");
    }
    await transaction.invitation.updateMany({ where: { email, ...open(now) }, data: { revokedAt: now } });
    const made = await transaction.invitation.create({
      data: {
        email,
        role,
        hash: sha256(secret),
        invitedById: principal.id,
        createdAt: now,
        expiresAt: new Date(now.getTime() + input.expiresInDays * dayMs),
      },
      include: withInviter,
    });
    await record(transaction, {
      action: "invitation.created",
      actor: principal,
      target: email,
      details: { invitationId: made.id, role, expiresAt: made.expiresAt },
    });
    return made;
  });
  // Behind the `#`: no server's log ever sees it.
  return { invitation, link: `${context.config.publicUrl}/sign-in/invitation#${secret}` };
}

export async function revokeInvitation(context: Context, principal: Principal, id: string): Promise<void> {
  const now = context.clock.now();
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.invitation.updateMany({
      where: { id, ...open(now) },
      data: { revokedAt: now },
    });
    if (count === 0) throw new AppError("not_found", "There is no such open invitation.");
    await record(transaction, {
      action: "invitation.revoked",
      actor: principal,
      details: { invitationId: id },
    });
  });
}

/** The invitation that lets this address in now, whichever way it proves itself. */
export function findOpenInvitation(
  transaction: Transaction,
  email: string,
  now: Date,
): Promise<Invitation | null> {
  return transaction.invitation.findFirst({
    where: { email, ...open(now) },
    orderBy: { createdAt: "desc" },
  });
}

/** Uses an invitation up, in the transaction that makes the account. Throws when somebody else was faster. */
export async function claimInvitation(
  transaction: Transaction,
  invitation: Pick<Invitation, "id" | "email">,
  userId: string,
  source: SignInSource,
  now: Date,
): Promise<void> {
  const { count } = await transaction.invitation.updateMany({
    where: { id: invitation.id, ...open(now) },
    data: { acceptedAt: now },
  });
  if (count === 0) throw gone();
  await record(transaction, {
    action: "invitation.accepted",
    actor: { kind: "user", userId, ...source },
    target: invitation.email,
    details: { invitationId: invitation.id },
  });
}

/** Whom the link is for. Whoever has the link may know: it says so to nobody else. */
export async function lookAtInvitation(
  context: Context,
  token: string,
  source: SignInSource,
): Promise<Invitation> {
  const attempt = await guardLink(context, source);
  const found = await context.db.invitation.findUnique({
    where: { hash: sha256(token), ...open(context.clock.now()) },
  });
  if (found === null) throw gone();
  await attempt.succeeded();
  return found;
}

/** Makes the invited account with a password, and signs it in. */
export async function acceptInvitation(
  context: Context,
  input: { token: string; name: string; password: string },
  source: SignInSource,
): Promise<SignedIn> {
  if (!context.config.signIn.password) {
    throw new AppError("forbidden", "Passwords are off here: sign in with your organisation instead.");
  }
  const invitation = await lookAtInvitation(context, input.token, source);
  const { email, role } = invitation;
  const passwordHash = await hashPassword(input.password);
  const now = context.clock.now();
  return context.db.$transaction(async (transaction) => {
    const id = newId();
    await claimInvitation(transaction, invitation, id, source, now);
    const user = await createInvited(transaction, { id, email, name: input.name, role, passwordHash });
    await record(transaction, {
      action: "user.created",
      actor: { kind: "user", userId: id, ...source },
      target: email,
      details: { userId: id, role, by: "invitation" },
    });
    return beginSignIn(context, transaction, { user, method: "password", source });
  });
}

async function createInvited(
  transaction: Transaction,
  data: { id: string; email: string; name: string; role: OrganisationRole; passwordHash: string },
): Promise<User> {
  if ((await transaction.user.findUnique({ where: { email: data.email }, select: { id: true } })) !== null) {
    throw new AppError("conflict", "There is an account with this address already. Sign in with it.");
  }
  return transaction.user.create({ data });
}
