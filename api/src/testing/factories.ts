import { randomUUID } from "node:crypto";
import { newId, type User } from "@remote-claude/prisma";
import type { OrganisationRole, Session, SessionState } from "@remote-claude/protocol";
import { hashPassword } from "../auth/index.ts";
import { randomPlaceId, randomSecret, sha256 } from "../lib/secrets.ts";
import type { ApiClient } from "./client.ts";
import type { TestApi } from "./start-api.ts";

const unique = () => randomUUID().slice(0, 8);

export async function buildUser(
  api: TestApi,
  { password, role = "member" }: { password?: string; role?: OrganisationRole } = {},
): Promise<User> {
  const name = `user-${unique()}`;
  const passwordHash = password === undefined ? null : await hashPassword(password);
  return api.database.db.user.create({ data: { email: `${name}@example.org`, name, role, passwordHash } });
}

/** Somebody signed in by cookie, without the cost of a password. */
export async function signedInClient(
  api: TestApi,
  options: { role?: OrganisationRole; user?: User } = {},
): Promise<{ client: ApiClient; user: User; signInId: string; cookie: string }> {
  const user = options.user ?? (await buildUser(api, options));
  const secret = randomSecret();
  const now = api.clock.now();
  const row = await api.database.db.signIn.create({
    data: {
      hash: sha256(secret),
      userId: user.id,
      method: "password",
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
  });
  const cookie = `remote-claude.sign-in=${secret}`;
  return { client: api.client.with({ cookie }), user, signInId: row.id, cookie };
}

/** A session's rows alone; a `running` one gets its place at the fake manager too. */
export async function buildSession(
  api: TestApi,
  {
    owner,
    state = "stopped",
    createdAt = api.clock.now(),
  }: {
    owner: User;
    state?: SessionState;
    createdAt?: Date;
  },
): Promise<{ id: string; placeId: string }> {
  const id = newId();
  const placeId = randomPlaceId();
  await api.database.db.session.create({
    data: {
      id,
      name: `session-${unique()}`,
      ownerId: owner.id,
      state,
      template: "default",
      prepared: state !== "creating",
      createdAt,
      lastActiveAt: createdAt,
      place: { create: { id: placeId, template: "default" } },
    },
  });
  if (state === "running") {
    api.manager.set(placeId, "running");
    api.agents.attach(id, placeId);
  }
  return { id, placeId };
}

/** Waits until the session is in that state, and returns it. */
export async function sessionIn(client: ApiClient, sessionId: string, state: SessionState): Promise<Session> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const { body } = await client.get(`/api/sessions/${sessionId}`);
    if (body.session?.state === state) return body.session;
    if (Date.now() > deadline)
      throw new Error(`the session did not become ${state}: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The actions on record for a session, in order. */
export async function auditOf(api: TestApi, sessionId: string): Promise<string[]> {
  const rows = await api.database.db.auditLog.findMany({ where: { sessionId }, orderBy: { at: "asc" } });
  return rows.map(({ action }) => action);
}

/** A session's row with its place. */
export function rowOf(api: TestApi, id: string) {
  return api.database.db.session.findUniqueOrThrow({ where: { id }, include: { place: true } });
}

/** A promise that a test opens when it wants. */
export function gate(): { closed: Promise<void>; open: () => void } {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
}
