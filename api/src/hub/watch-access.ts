import type { Context } from "../context.ts";
import { closeClient } from "./broadcaster.ts";
import type { Client, SocketServer } from "./types.ts";

const everyMs = 1000;

/**
 * Ends live connections whose person, sign-in or token no longer counts, and those whose part in a session they
 * look into has changed, within a second and however it came about: an act of another process, a time that ran
 * out. (A command is refused by itself; what is already being heard would go on.) Returns the end of watching.
 */
export function watchAccess(io: SocketServer, context: Context): () => void {
  let looking = false;
  const timer = setInterval(() => {
    const clients = [...io.sockets.sockets.values()] as Client[];
    if (looking || clients.length === 0) return;
    looking = true;
    look(context, clients)
      // The database is away: commands fail by themselves, and the next look decides.
      .catch((error: unknown) => context.log.debug({ err: error }, "access not looked after"))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  return () => clearInterval(timer);
}

async function look(context: Context, clients: readonly Client[]): Promise<void> {
  const counting = await countingSignIns(context, clients);
  for (const client of clients) {
    const { via, role } = client.data.principal;
    const present = counting.get(via.id);
    if (present === undefined) closeClient(client, "sign-in-again");
    else if (present !== role) closeClient(client, "access-changed");
  }
  const guests = clients.filter((client) => client.connected && guestSessions(client).length > 0);
  if (guests.length > 0) await lookAtGuests(context, guests);
}

async function lookAtGuests(context: Context, guests: readonly Client[]): Promise<void> {
  const roles = await memberRoles(context, guests);
  const changed = guests.flatMap((client) =>
    guestSessions(client)
      .filter(([id, role]) => roles.get(`${id} ${client.data.principal.id}`) !== role)
      .map(([sessionId]) => ({ client, sessionId })),
  );
  if (changed.length === 0) return;
  const left = await context.db.session.findMany({
    where: { id: { in: changed.map(({ sessionId }) => sessionId) }, deletedAt: null },
    select: { id: true },
  });
  for (const { client, sessionId } of changed) {
    // Of a session that is deleted for everybody nothing more is heard.
    if (left.some(({ id }) => id === sessionId)) closeClient(client, "access-changed");
    else client.data.roles.delete(sessionId);
  }
}

/** Those sign-ins and tokens that still count, and what their people are in the organisation by now. */
async function countingSignIns(
  { db, clock }: Context,
  clients: readonly Client[],
): Promise<Map<string, string>> {
  const idsOf = (kind: "sign-in" | "token") =>
    clients.flatMap(({ data: { principal } }) => (principal.via.kind === kind ? [principal.via.id] : []));
  const now = clock.now();
  const rows = await db.$queryRaw<{ id: string; role: string }[]>`
    select s.id, u.role::text as role from sign_ins s join users u on u.id = s.user_id
    where s.id = any(${idsOf("sign-in")}::uuid[]) and s.revoked_at is null and s.expires_at > ${now}
      and u.status = 'active'
    union all
    select t.id, u.role::text as role from tokens t join users u on u.id = t.user_id
    where t.id = any(${idsOf("token")}::uuid[]) and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > ${now}) and u.status = 'active'`;
  return new Map(rows.map(({ id, role }) => [id, role]));
}

/** Sessions that the client looks into as a member, and what it is in them. Owners stay owners. */
function guestSessions({ data }: Client): [sessionId: string, role: string][] {
  return [...data.roles].filter(([, role]) => role !== "owner");
}

async function memberRoles({ db, clock }: Context, guests: readonly Client[]): Promise<Map<string, string>> {
  const rows = await db.sessionMember.findMany({
    where: {
      userId: { in: [...new Set(guests.map(({ data }) => data.principal.id))] },
      sessionId: { in: [...new Set(guests.flatMap((guest) => guestSessions(guest).map(([id]) => id)))] },
      OR: [{ expiresAt: null }, { expiresAt: { gt: clock.now() } }],
    },
    select: { sessionId: true, userId: true, role: true },
  });
  return new Map(rows.map(({ sessionId, userId, role }) => [`${sessionId} ${userId}`, role]));
}
