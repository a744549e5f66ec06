import { newId, type ShareLink, type Transaction } from "@remote-claude/prisma";
import { AppError, SharedRole } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal, SessionAccess } from "../context.ts";
import { endAccess, type LostPart } from "../lib/end-access.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import { announceSession, findSessionAccess, getSessionAccess } from "../sessions/index.ts";
import { putPart } from "./people.ts";

const maxLinks = 20;
const hourMs = 3_600_000;

/** One sentence for every reason: whoever guesses learns nothing from it. */
const noSuchLink = () =>
  new AppError(
    "not_found",
    "This link leads nowhere: it has expired, was used up or revoked, or is incomplete. Ask for a new one.",
  );

const valid = (now: Date) => ({ revokedAt: null, expiresAt: { gt: now } });

/** Those that still count, newest first: by one that is used up nobody comes in, but revoking it puts its guest out. */
export function listLinks(context: Context, sessionId: string): Promise<ShareLink[]> {
  return context.db.shareLink.findMany({
    where: { sessionId, ...valid(context.clock.now()) },
    orderBy: { createdAt: "desc" },
  });
}

/** Makes a link. Its secret is known here and to the person who asked, and to nobody afterwards. */
export async function makeLink(
  context: Context,
  principal: Principal,
  { session }: SessionAccess,
  { role, expiresInHours, once }: { role: SharedRole; expiresInHours: number; once: boolean },
): Promise<{ link: ShareLink; url: string }> {
  const secret = randomSecret();
  const now = context.clock.now();
  const link = await context.db.$transaction(async (transaction) => {
    const owned = await transaction.$executeRaw`
      select 1 from sessions where id = ${session.id}::uuid and owner_id = ${principal.id}::uuid for update`;
    // Given to somebody else meanwhile: no link of the former owner's may outlast that.
    if (owned === 0) throw new AppError("not_found", "There is no such session.");
    const where = { sessionId: session.id, ...valid(now) };
    if ((await transaction.shareLink.count({ where })) >= maxLinks) {
      throw new AppError("quota_exceeded", `A session has at most ${maxLinks} links. Revoke one first.`);
    }
    const link = await transaction.shareLink.create({
      data: {
        id: newId(),
        sessionId: session.id,
        hash: sha256(secret),
        role,
        once,
        createdById: principal.id,
        createdAt: now,
        expiresAt: new Date(now.getTime() + expiresInHours * hourMs),
      },
    });
    await record(transaction, {
      action: "session.link-made",
      actor: principal,
      sessionId: session.id,
      target: session.name,
      details: { linkId: link.id, role, once, expiresAt: link.expiresAt },
    });
    return link;
  });
  return { link, url: `${context.config.publicUrl}/join#${secret}` };
}

/** Revokes a link, and what it gave to those who came in by it. */
export async function revokeLink(
  context: Context,
  principal: Principal,
  { session }: SessionAccess,
  linkId: string,
): Promise<void> {
  const out = await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.shareLink.updateMany({
      where: { id: linkId, sessionId: session.id, revokedAt: null },
      data: { revokedAt: context.clock.now() },
    });
    if (count === 0) throw new AppError("not_found", "The session has no such link.");
    const where = { sessionId: session.id, shareLinkId: linkId };
    const guests = await transaction.sessionMember.findMany({ where, select: { userId: true } });
    await transaction.sessionMember.deleteMany({ where });
    const userIds = guests.map(({ userId }) => userId);
    await record(transaction, {
      action: "session.link-revoked",
      actor: principal,
      sessionId: session.id,
      target: session.name,
      details: { linkId, out: userIds },
    });
    return userIds;
  });
  endAccess(context, session.id, out);
}

/**
 * Revokes all links of sessions that change hands: whom the former owner let in by a secret, the new one knows nothing
 * of. Called in that transaction, after it has locked the sessions. Returns who lost their part.
 */
export async function revokeAllLinks(
  { clock }: Context,
  transaction: Transaction,
  sessionIds: readonly string[],
): Promise<LostPart[]> {
  const sessionId = { in: [...sessionIds] };
  await transaction.shareLink.updateMany({
    where: { sessionId, revokedAt: null },
    data: { revokedAt: clock.now() },
  });
  const where = { sessionId, shareLinkId: { not: null } };
  const out = await transaction.sessionMember.findMany({ where, select: { sessionId: true, userId: true } });
  await transaction.sessionMember.deleteMany({ where });
  return out;
}

/** The link and where it leads, for somebody who has its secret. */
export async function lookAtLink(context: Context, principal: Principal, secret: string) {
  const link = await context.db.shareLink.findFirst({
    where: { hash: sha256(secret), ...valid(context.clock.now()), session: { deletedAt: null } },
    include: { session: { include: { owner: true } } },
  });
  const usedUp = link?.once === true && link.uses > 0;
  if (link === null || link.session.owner.status !== "active") throw noSuchLink();
  if (usedUp && (await findSessionAccess(context, principal, link.sessionId)) === null) throw noSuchLink();
  return link;
}

/** Lets somebody in. Who is in the session already stays what they are, and uses nothing up. */
export async function acceptLink(
  context: Context,
  principal: Principal,
  secret: string,
): Promise<SessionAccess> {
  const link = await lookAtLink(context, principal, secret);
  const { id, sessionId, once, expiresAt, createdById } = link;
  const role = SharedRole.parse(link.role);
  const known = await findSessionAccess(context, principal, sessionId);
  if (known !== null) return known;
  await context.db.$transaction(async (transaction) => {
    const part = { role, mayAnswer: null, addedById: createdById, shareLinkId: id, expiresAt };
    // The same person twice at once: they are in, and nothing more is used up.
    if (!(await putPart(context, transaction, sessionId, principal.id, part))) return;
    // Compare and set: of two who come at once by a link for one, one comes in.
    const { count } = await transaction.shareLink.updateMany({
      where: { id, ...valid(context.clock.now()), ...(once ? { uses: 0 } : {}) },
      data: { uses: { increment: 1 } },
    });
    if (count === 0) throw noSuchLink();
    await record(transaction, {
      action: "session.joined",
      actor: principal,
      sessionId,
      target: link.session.name,
      details: { linkId: id, role, expiresAt },
    });
  });
  announceSession(context, sessionId);
  return getSessionAccess(context, principal, sessionId);
}
