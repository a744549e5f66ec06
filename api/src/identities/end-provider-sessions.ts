import { record } from "../audit/index.ts";
import type { SignInSource } from "../auth/index.ts";
import type { Context } from "../context.ts";
import { findIssuer, unknownIssuer } from "./issuers.ts";

/** What a provider says has ended: all that a person has by it, one session, or that session of that person. */
export interface EndedSession {
  readonly provider: string;
  readonly subject: string | null;
  /** As hashOfSession has it; null: all of the person's. */
  readonly session: string | null;
}

/** Ends what was signed in by a session that its provider has ended, and the live connections of that. */
export async function endProviderSessions(
  context: Context,
  ended: EndedSession,
  source: SignInSource,
): Promise<number> {
  const now = context.clock.now();
  const rows = await context.db.$transaction(async (transaction) => {
    const { provider, subject, session } = ended;
    const issuers = [unknownIssuer, findIssuer(context, provider) ?? unknownIssuer];
    const person =
      subject === null
        ? null
        : await transaction.userIdentity.findFirst({ where: { provider, issuer: { in: issuers }, subject } });
    if (subject !== null && person === null) return [];
    const which = {
      ...(person === null ? {} : { userId: person.userId }),
      ...(session === null ? {} : { OR: sessionsOf(session, person !== null) }),
    };
    // A code of it that is on its way would still become a sign-in.
    await transaction.signInLink.updateMany({
      where: { method: provider, usedAt: null, ...which },
      data: { usedAt: now },
    });
    const found = await transaction.signIn.findMany({
      where: { method: provider, revokedAt: null, expiresAt: { gt: now }, ...which },
      select: { id: true, userId: true },
    });
    await transaction.signIn.updateMany({
      where: { id: { in: found.map(({ id }) => id) } },
      data: { revokedAt: now },
    });
    for (const { id, userId } of found) {
      await record(transaction, {
        action: "sign-in.ended",
        actor: { kind: "user", userId, ...source },
        details: { signIn: id, by: provider },
      });
    }
    return found;
  });
  for (const { id } of rows) context.broadcast.disconnect({ signInId: id }, "sign-in-again");
  return rows.length;
}

/** Of a person who is named too, what does not say which session it belongs to ends as well: rather too much. */
const sessionsOf = (hash: string, named: boolean) => [
  { providerSessionHash: hash },
  ...(named ? [{ providerSessionHash: null }] : []),
];
