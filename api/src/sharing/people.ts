import { Prisma, type Transaction } from "@remote-claude/prisma";
import { AppError, type SharedRole } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal, SessionAccess } from "../context.ts";
import { endAccess } from "../lib/end-access.ts";
import { announceSession } from "../sessions/index.ts";

/** More people than this look into one session together only by mistake. */
const maxMembers = 100;
const hourMs = 3_600_000;

/** A row of those who are something in a session. */
export interface MemberRow {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: "owner" | SharedRole;
  readonly mayAnswer: boolean | null;
  readonly addedById: string | null;
  readonly shareLinkId: string | null;
  readonly addedAt: Date;
  readonly expiresAt: Date | null;
}

/** The owner, then the others in the order in which they came. */
export function listMembers(
  context: Context,
  sessionId: string,
  only: string | null = null,
): Promise<MemberRow[]> {
  const narrowed = only === null ? Prisma.empty : Prisma.sql`and u.id = ${only}::uuid`;
  return context.db.$queryRaw<MemberRow[]>`
    select u.id as "userId", u.name, u.email, 'owner' as role, null::boolean as "mayAnswer",
      null::uuid as "addedById", null::uuid as "shareLinkId", s.created_at as "addedAt",
      null::timestamptz as "expiresAt", 0 as place
    from sessions s join users u on u.id = s.owner_id where s.id = ${sessionId}::uuid ${narrowed}
    union all
    select u.id, u.name, u.email, m.role::text, m.may_answer, m.added_by_id, m.share_link_id, m.created_at,
      m.expires_at, 1
    from session_members m join users u on u.id = m.user_id
    where m.session_id = ${sessionId}::uuid and (m.expires_at is null or m.expires_at > ${context.clock.now()})
      ${narrowed}
    order by place, "addedAt", name`;
}

/** One of them; nobody else is found. */
export async function getMember(context: Context, sessionId: string, userId: string): Promise<MemberRow> {
  const [member] = await listMembers(context, sessionId, userId);
  if (member === undefined) throw new AppError("not_found", "This person has no part in the session.");
  return member;
}

/** What somebody is given in a session. */
export interface Part {
  readonly role: SharedRole;
  readonly mayAnswer: boolean | null;
  readonly addedById: string;
  readonly shareLinkId: string | null;
  readonly expiresAt: Date | null;
}

/**
 * Writes somebody's part, over one that has run out. Called in the transaction of the act. false: they have one, from
 * another request at the same moment, and it stays as it is.
 */
export async function putPart(
  { clock }: Context,
  transaction: Transaction,
  sessionId: string,
  userId: string,
  part: Part,
): Promise<boolean> {
  // One at a time for each session, so that the limit cannot be passed by asking twice at once.
  await transaction.$executeRaw`select 1 from sessions where id = ${sessionId}::uuid for update`;
  const now = clock.now();
  await transaction.sessionMember.deleteMany({ where: { sessionId, expiresAt: { lte: now } } });
  const known = await transaction.sessionMember.count({ where: { sessionId, userId } });
  if (known > 0) return false;
  if ((await transaction.sessionMember.count({ where: { sessionId } })) >= maxMembers) {
    throw new AppError("quota_exceeded", `A session is shared with at most ${maxMembers} people.`);
  }
  await transaction.sessionMember.create({ data: { sessionId, userId, ...part, createdAt: now } });
  return true;
}

/**
 * Shares with a person of this installation. Those who have an account may look each other up by their exact address
 * (docs/security.md); a disabled account is one that is not there.
 */
export async function addMember(
  context: Context,
  principal: Principal,
  { session }: SessionAccess,
  input: {
    email: string;
    role: SharedRole;
    mayAnswer?: boolean | undefined;
    expiresInHours?: number | undefined;
  },
): Promise<MemberRow> {
  const { email, role, mayAnswer = null } = input;
  const user = await context.db.user.findFirst({ where: { email, status: "active" } });
  if (user === null) {
    throw new AppError("not_found", "Nobody with this address can sign in here. Check how it is spelt.");
  }
  const now = context.clock.now().getTime();
  const expiresAt = input.expiresInHours === undefined ? null : new Date(now + input.expiresInHours * hourMs);
  const known = (await listMembers(context, session.id, user.id))[0];
  const isIn = new AppError("conflict", `${user.name} is in the session already.`);
  if (known?.role === "owner") throw new AppError("conflict", "The session is theirs already.");
  if (known !== undefined) throw isIn;
  await context.db.$transaction(async (transaction) => {
    const part = { role, mayAnswer, addedById: principal.id, shareLinkId: null, expiresAt };
    if (!(await putPart(context, transaction, session.id, user.id, part))) throw isIn;
    await record(transaction, {
      action: "session.shared",
      actor: principal,
      sessionId: session.id,
      target: user.email,
      details: { userId: user.id, role, mayAnswer, expiresAt },
    });
  });
  announceSession(context, session.id);
  return getMember(context, session.id, user.id);
}

/** Another role, or another say in Claude's questions; what came by a link is the owner's own word from then on. */
export async function changeMember(
  context: Context,
  principal: Principal,
  { session }: SessionAccess,
  userId: string,
  change: { role?: SharedRole | undefined; mayAnswer?: boolean | undefined },
): Promise<MemberRow> {
  const before = await getMember(context, session.id, userId);
  if (before.role === "owner") throw new AppError("conflict", "The owner stays the owner.");
  const { role = before.role, mayAnswer } = change;
  // A new role brings what goes with it, unless the same request says otherwise.
  const answers = mayAnswer ?? (role === before.role ? before.mayAnswer : null);
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.sessionMember.updateMany({
      where: { sessionId: session.id, userId },
      data: { role, mayAnswer: answers, ...(isAdminsLook(before) ? {} : { shareLinkId: null }) },
    });
    if (count === 0) throw new AppError("not_found", "This person has no part in the session.");
    await record(transaction, {
      action: "session.member-changed",
      actor: principal,
      sessionId: session.id,
      target: before.email,
      details: { userId, from: before.role, to: role, mayAnswer: answers },
    });
  });
  context.broadcast.accessChanged(userId, session.id, role);
  announceSession(context, session.id);
  return getMember(context, session.id, userId);
}

/** An admin who looks inside let themselves in. */
export function isAdminsLook({ addedById, userId }: Pick<MemberRow, "addedById" | "userId">): boolean {
  return addedById === userId;
}

/** Ends somebody's part; what they are hearing of the session ends with it. */
export async function removeMember(
  context: Context,
  principal: Principal,
  { session }: SessionAccess,
  userId: string,
): Promise<void> {
  const member = await getMember(context, session.id, userId);
  if (member.role === "owner") {
    throw new AppError("conflict", "The owner cannot be taken out of their own session.");
  }
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.sessionMember.deleteMany({
      where: { sessionId: session.id, userId },
    });
    if (count === 0) throw new AppError("not_found", "This person has no part in the session.");
    await record(transaction, {
      action: userId === principal.id ? "session.left" : "session.member-removed",
      actor: principal,
      sessionId: session.id,
      target: member.email,
      details: { userId, role: member.role },
    });
  });
  endAccess(context, session.id, [userId]);
}
