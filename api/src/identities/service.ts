import { newId, type Transaction, type User } from "@remote-claude/prisma";
import { AppError, type Identity, type SignInRefusal, signInRefusals } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import {
  beginSignIn,
  type FromProvider,
  isAllowedAddress,
  type SignedIn,
  type SignInSource,
} from "../auth/index.ts";
import type { Context } from "../context.ts";
import { claimInvitation, findOpenInvitation } from "../invitations/index.ts";
import { takeAdminsLooks } from "../lib/end-access.ts";
import { findIssuer, unknownIssuer } from "./issuers.ts";
import { type Account, type Decision, decide, type Known, type Rules } from "./rules.ts";

/** Any number, as long as it is no other lock's: of the lock under which an address is signed in. */
const addressLock = 7_233_002;

export class Refused extends AppError {
  constructor(reason: SignInRefusal) {
    super("forbidden", signInRefusals[reason], { details: { reason } });
  }
}

/** Signs in whom a provider vouches for: links, makes or refuses, as rules.ts decides, and records which. */
export async function signInWithIdentity(
  context: Context,
  identity: Identity,
  source: SignInSource,
  provider?: FromProvider,
): Promise<SignedIn> {
  const result = await context.db.$transaction(async (transaction) => {
    const user = await admit(context, transaction, identity, source);
    if (typeof user === "string") return user;
    return beginSignIn(context, transaction, { user, method: identity.provider, source, provider });
  });
  if (typeof result === "string") throw new Refused(result);
  return result;
}

/** The account of this identity, made or linked if the rules say so; else why not, on record. */
export async function admit(
  context: Context,
  transaction: Transaction,
  identity: Identity,
  source: SignInSource,
): Promise<User | SignInRefusal> {
  // Two first sign-ins of one person must not both find that there is no account.
  const lockOf = identity.email ?? identity.subject;
  await transaction.$executeRaw`select pg_advisory_xact_lock(${addressLock}::int, hashtext(${lockOf}))`;
  const known = await findOut(context, transaction, identity);
  const decision = decide(identity, known, rulesFor(context, identity.provider));
  if (decision.kind === "refuse") {
    await recordRefusal(transaction, identity, known, decision.reason, source);
    return decision.reason;
  }
  return decision.kind === "create"
    ? create(context, transaction, identity, decision, source)
    : update(context, transaction, identity, decision, source);
}

function rulesFor({ config }: Context, provider: string): Rules {
  return {
    allowsAddress: (email) => isAllowedAddress(config, email),
    adminEmail: config.admin.email,
    signUp: config.signIn.signUp,
    roleMapping: config.signIn.roleMapping,
    organisations: provider === "github" ? (config.signIn.github?.organisations ?? []) : null,
  };
}

async function findOut(context: Context, transaction: Transaction, identity: Identity): Promise<Known> {
  const { provider, email } = identity;
  const issuer = issuerOf(context, identity);
  const linked = await findLinked(transaction, identity, issuer);
  if (linked !== null) return { linked, sameAddress: null, invitation: null };
  if (email === null) return { linked: null, sameAddress: null, invitation: null };
  const user = await transaction.user.findUnique({
    where: { email },
    include: {
      identities: { where: { provider, issuer: { in: [issuer, unknownIssuer] } }, select: { id: true } },
    },
  });
  return {
    linked: null,
    sameAddress: user === null ? null : { ...user, taken: user.identities.length > 0 },
    invitation: await findOpenInvitation(transaction, email, context.clock.now()),
  };
}

/** Who vouches, which web does not say: the settings do. */
function issuerOf(context: Context, { provider }: Identity): string {
  const issuer = findIssuer(context, provider);
  if (issuer === null) throw new AppError("bad_request", "There is no such sign-in provider.");
  return issuer;
}

/** Held until the sign-in is made: whoever takes the link away meanwhile finds the sign-in, and ends it. */
async function findLinked(
  transaction: Transaction,
  { provider, subject }: Identity,
  issuer: string,
): Promise<User | null> {
  const [found] = await transaction.$queryRaw<{ id: string; user_id: string; issuer: string }[]>`
    select id, user_id, issuer from user_identities
    where provider = ${provider} and subject = ${subject} and issuer in (${issuer}, ${unknownIssuer})
    order by issuer desc limit 1 for update`;
  if (found === undefined) return null;
  if (found.issuer !== issuer) {
    await transaction.userIdentity.update({ where: { id: found.id }, data: { issuer } });
  }
  return transaction.user.findUniqueOrThrow({ where: { id: found.user_id } });
}

async function create(
  context: Context,
  transaction: Transaction,
  identity: Identity,
  { email, role, invitationId }: Extract<Decision, { kind: "create" }>,
  source: SignInSource,
): Promise<User> {
  const { provider, subject } = identity;
  const id = newId();
  const name = identity.name ?? email.slice(0, email.indexOf("@"));
  if (invitationId !== null) {
    await claimInvitation(transaction, { id: invitationId, email }, id, source, context.clock.now());
  }
  const user = await transaction.user.create({
    data: {
      id,
      email,
      name,
      role,
      identities: { create: { provider, subject, issuer: issuerOf(context, identity) } },
    },
  });
  await record(transaction, {
    action: "user.created",
    actor: { kind: "user", userId: id, ...source },
    target: email,
    details: { userId: id, role, by: invitationId === null ? "sign-up" : "invitation", provider },
  });
  return user;
}

async function update(
  context: Context,
  transaction: Transaction,
  identity: Identity,
  { account, link, role }: Extract<Decision, { kind: "sign-in" }>,
  source: SignInSource,
): Promise<User> {
  const { provider, subject } = identity;
  const actor = { kind: "user", userId: account.id, ...source } as const;
  // Only a change is written: an admin may be changing the role at this moment. The lock of those comes before what
  // holds the person's row, a link to them included.
  const changes = role !== account.role && !(await isLastAdmin(transaction, account));
  if (link) {
    const issuer = issuerOf(context, identity);
    await transaction.userIdentity.create({ data: { userId: account.id, provider, issuer, subject } });
    await record(transaction, { action: "user.linked", actor, target: account.email, details: { provider } });
  }
  if (changes) {
    await transaction.user.update({ where: { id: account.id }, data: { role } });
    // Their pages hear of it within a second (hub/watch-access.ts).
    if (account.role === "admin") await takeAdminsLooks(transaction, account.id);
    await record(transaction, {
      action: "user.role-mapped",
      actor,
      target: account.email,
      details: { from: account.role, to: role, provider },
    });
  }
  const user = await transaction.user.findUniqueOrThrow({ where: { id: account.id } });
  // Disabled or deleted while a lock was waited for: nothing is linked to them.
  if (user.status !== "active") throw new Refused("disabled");
  return user;
}

/** The last admin stays one whatever the groups say, as where roles are changed by hand (admin/users.ts). */
async function isLastAdmin(transaction: Transaction, { id, role }: Account): Promise<boolean> {
  if (role !== "admin") return false;
  await transaction.$executeRaw`select pg_advisory_xact_lock(hashtext('admins'))`;
  const others = { role: "admin", status: "active", id: { not: id } } as const;
  return (await transaction.user.count({ where: others })) === 0;
}

async function recordRefusal(
  transaction: Transaction,
  { provider, email }: Identity,
  { linked, sameAddress }: Known,
  reason: SignInRefusal,
  source: SignInSource,
): Promise<void> {
  await record(transaction, {
    action: "sign-in.failed",
    result: "refused",
    actor: { kind: "user", userId: linked?.id ?? null, ...source },
    target: email ?? linked?.email ?? sameAddress?.email ?? null,
    details: { method: provider, reason },
  });
}
