import { Prisma, type Transaction, type User } from "@remote-claude/prisma";
import { AppError, type OrganisationRole, type UserStatus } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { endParts, type LostPart, takeAdminsLooks } from "../lib/end-access.ts";
import { stopAllByAdmin } from "../sessions/index.ts";

/** A row of the list of people. */
export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrganisationRole;
  readonly status: UserStatus;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  readonly sessions: number;
  readonly runningSessions: number;
  readonly monthCostUsd: number;
  readonly monthlyBudgetUsd: number | null;
}

export interface UserFilter {
  readonly search: string;
  readonly role?: OrganisationRole | undefined;
  readonly status?: UserStatus | undefined;
  /** The address after which the page begins. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const noSuchPerson = () => new AppError("not_found", "There is no such person.");

function select({ clock }: Context, where: Prisma.Sql, limit: number): Prisma.Sql {
  const now = clock.now();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  return Prisma.sql`
    select u.id, u.email, u.name, u.role::text as role, u.status::text as status, u.created_at as "createdAt",
      u.last_sign_in_at as "lastSignInAt", u.monthly_budget_usd::float8 as "monthlyBudgetUsd",
      s.total as sessions, s.running as "runningSessions", coalesce(d.cost, 0)::float8 as "monthCostUsd"
    from users u
      cross join lateral (
        select count(*)::int as total, (count(*) filter (where o.state in ('starting', 'running', 'paused')))::int as running
        from sessions o where o.owner_id = u.id and o.deleted_at is null) s
      cross join lateral (
        select sum(cost_usd) as cost from usage_days where user_id = u.id and day >= ${month}::date) d
    where u.deleted_at is null and ${where}
    order by u.email limit ${limit}`;
}

/** People by e-mail address, a page at a time. */
export async function listUsers(
  context: Context,
  { search, role, status, after, limit }: UserFilter,
): Promise<{ users: UserRow[]; next: string | null }> {
  const conditions = [Prisma.sql`true`];
  if (search !== "") {
    const text = search.toLowerCase();
    conditions.push(Prisma.sql`(position(${text} in u.email) > 0 or position(${text} in lower(u.name)) > 0)`);
  }
  if (role !== undefined) conditions.push(Prisma.sql`u.role = ${role}::organisation_role`);
  if (status !== undefined) conditions.push(Prisma.sql`u.status = ${status}::user_status`);
  if (after !== undefined) conditions.push(Prisma.sql`u.email > ${after}`);
  // One more than asked for says whether there is more.
  const rows = await context.db.$queryRaw<UserRow[]>(
    select(context, Prisma.join(conditions, " and "), limit + 1),
  );
  const users = rows.slice(0, limit);
  return { users, next: rows.length > limit ? (users.at(-1)?.email ?? null) : null };
}

export async function getUserRow(context: Context, userId: string): Promise<UserRow> {
  const [row] = await context.db.$queryRaw<UserRow[]>(select(context, Prisma.sql`u.id = ${userId}::uuid`, 1));
  if (row === undefined) throw noSuchPerson();
  return row;
}

/** Somebody's sessions, of which must be said what happens to them. */
export function sessionsOf(context: Context, userId: string) {
  return context.db.session.findMany({
    where: { ownerId: userId, deletedAt: null },
    select: { id: true, name: true, state: true, _count: { select: { members: true } } },
    orderBy: { lastActiveAt: "desc" },
  });
}

/**
 * Holds all changes of who administers in one line, and looks in it: an admin who is one no longer, or the last one who
 * would go, is refused whatever two people press at the same moment.
 */
export async function lockAdmins(
  transaction: Transaction,
  principal: Principal,
  userId: string,
  leaves: (user: User) => boolean,
): Promise<User> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(hashtext('admins'))`;
  const admins = await transaction.user.findMany({
    where: { role: "admin", status: "active" },
    select: { id: true },
  });
  if (!admins.some(({ id }) => id === principal.id)) {
    throw new AppError("forbidden", "Your role does not allow this.");
  }
  const user = await transaction.user.findFirst({ where: { id: userId, deletedAt: null } });
  if (user === null) throw noSuchPerson();
  if (!leaves(user)) return user;
  if (userId === principal.id) {
    throw new AppError("conflict", "You cannot take your own administration away. Ask another admin.");
  }
  if (!admins.some(({ id }) => id !== userId)) {
    throw new AppError("conflict", "This is the last admin. Make somebody else admin first.");
  }
  return user;
}

export interface UserChange {
  readonly role?: OrganisationRole | undefined;
  readonly status?: UserStatus | undefined;
  readonly monthlyBudgetUsd?: number | null | undefined;
}

/** Changes what somebody is here; whatever they have open goes by it at once. */
export async function changeUser(
  context: Context,
  principal: Principal,
  userId: string,
  change: UserChange,
): Promise<UserRow> {
  const { role, status, monthlyBudgetUsd } = change;
  let looks: LostPart[] = [];
  const before = await context.db.$transaction(async (transaction) => {
    const user = await lockAdmins(
      transaction,
      principal,
      userId,
      (user) =>
        (user.role === "admin" && role !== undefined && role !== "admin") ||
        (status === "disabled" && user.id === principal.id) ||
        (user.role === "admin" && user.status === "active" && status === "disabled"),
    );
    if (role !== undefined && role !== user.role) await changeRole(transaction, principal, user, role);
    if (status !== undefined && status !== user.status) {
      await changeStatus(context, transaction, principal, user, status);
    }
    const isAdmin = (role ?? user.role) === "admin" && (status ?? user.status) === "active";
    if (user.role === "admin" && !isAdmin) looks = await takeAdminsLooks(transaction, userId);
    if (monthlyBudgetUsd !== undefined) await changeBudget(transaction, principal, user, monthlyBudgetUsd);
    return user;
  });
  endParts(context, looks);
  if (status === "disabled" && before.status !== "disabled") {
    context.broadcast.disconnect({ userId }, "sign-in-again");
    await stopAllByAdmin(context, principal, userId);
  } else if (role !== undefined && role !== before.role) {
    context.broadcast.disconnect({ userId }, "access-changed");
  }
  return getUserRow(context, userId);
}

async function changeRole(
  transaction: Transaction,
  principal: Principal,
  { id, email, role: from }: User,
  role: OrganisationRole,
): Promise<void> {
  await transaction.user.update({ where: { id }, data: { role } });
  const details = { userId: id, from, to: role };
  await record(transaction, { action: "user.role-changed", actor: principal, target: email, details });
}

async function changeStatus(
  { clock }: Context,
  transaction: Transaction,
  principal: Principal,
  { id, email }: User,
  status: UserStatus,
): Promise<void> {
  const now = clock.now();
  const disabled = status === "disabled";
  await transaction.user.update({ where: { id }, data: { status, disabledAt: disabled ? now : null } });
  if (disabled) {
    // Who is let in again later signs in again.
    await transaction.signIn.updateMany({ where: { userId: id, revokedAt: null }, data: { revokedAt: now } });
    await transaction.signInLink.updateMany({ where: { userId: id, usedAt: null }, data: { usedAt: now } });
  }
  await record(transaction, {
    action: disabled ? "user.disabled" : "user.enabled",
    actor: principal,
    target: email,
    details: { userId: id },
  });
}

async function changeBudget(
  transaction: Transaction,
  principal: Principal,
  { id, email, monthlyBudgetUsd: from }: User,
  to: number | null,
): Promise<void> {
  if ((from?.toNumber() ?? null) === to) return;
  await transaction.user.update({ where: { id }, data: { monthlyBudgetUsd: to } });
  const details = { userId: id, from: from?.toNumber() ?? null, to };
  await record(transaction, { action: "user.budget-changed", actor: principal, target: email, details });
}
