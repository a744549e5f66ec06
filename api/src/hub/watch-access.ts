import { countingSignIns } from "../auth/index.ts";
import type { Context } from "../context.ts";
import { eachSecond } from "../lib/each-second.ts";
import { closeClient } from "./broadcaster.ts";
import type { Client, SocketServer } from "./types.ts";

/**
 * Ends live connections whose person, sign-in or token no longer counts, and those whose part in a session they
 * look into has changed, within a second and however it came about: an act of another process, a time that ran
 * out. (A command is refused by itself; what is already being heard would go on.) Returns the end of watching.
 */
export function watchAccess(io: SocketServer, context: Context): () => void {
  return eachSecond(context, async () => {
    const clients = [...io.sockets.sockets.values()] as Client[];
    if (clients.length > 0) await look(context, clients);
  });
}

async function look(context: Context, clients: readonly Client[]): Promise<void> {
  const principals = clients.map(({ data }) => data.principal);
  const counting = await countingSignIns(context, principals);
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
