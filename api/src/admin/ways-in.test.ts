import { createHash } from "node:crypto";
import { newId, type Transaction, type User } from "@remote-claude/prisma";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  buildUser,
  connectSocket,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
let admin: { client: ApiClient; user: User };
beforeAll(async () => {
  api = await startApi({
    env: {
      OIDC_ISSUER: "https://login.example.org",
      OIDC_CLIENT_ID: "remote-claude",
      OIDC_CLIENT_SECRET: "a secret of the provider",
      OIDC_NAME: "Example",
    },
  });
  admin = await signedInClient(api, { role: "admin" });
});
afterAll(() => api.stop());

const password = "correct horse battery staple";
const resetPath = (userId: string) => `/api/admin/users/${userId}/reset-second-factor`;
const linkPath = (userId: string, identityId: string) =>
  `/api/admin/users/${userId}/identities/${identityId}`;
const waysIn = async (userId: string) => (await admin.client.get(`/api/admin/users/${userId}`)).body.waysIn;
const recordOf = (action: string, target: string) =>
  api.database.db.auditLog.findFirst({ where: { action, target } });
const signIn = ({ email }: User, subject: string) =>
  api.internal().post("/internal/sign-ins", {
    proof: {
      kind: "identity",
      identity: { provider: "oidc", subject, email, emailVerified: true, name: null, groups: null },
      idToken: null,
    },
    userAgent: null,
    address: "192.0.2.9",
  });

/** Somebody who signs in with the provider. */
async function linked(user: User) {
  const subject = newId();
  const { signInId } = (await signIn(user, subject)).body;
  const cookie = `remote-claude.sign-in=${signInId}`;
  const { identities } = await waysIn(user.id);
  return { user, subject, cookie, client: api.client.with({ cookie }), identityId: String(identities[0].id) };
}

/** Somebody with a password and an authenticator app. */
async function withApp() {
  const user = await buildUser(api, { password });
  const { client } = await signedInClient(api, { user });
  const { secret } = (await client.post("/api/auth/second-factor")).body;
  const timestamp = api.clock.now().getTime();
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
  expect((await client.post("/api/auth/second-factor/confirm", { code })).status).toBe(200);
  return { user, client };
}

describe("who may", () => {
  it("not who has not signed in, nor members, nor auditors", async () => {
    const { user } = await withApp();
    const { identityId } = await linked(user);
    for (const [method, path] of [
      ["POST", resetPath(user.id)],
      ["DELETE", linkPath(user.id, identityId)],
    ] as const) {
      expect((await api.client.ask(method, path)).code).toBe("unauthenticated");
      for (const role of ["member", "auditor"] as const) {
        const { client } = await signedInClient(api, { role });
        expect((await client.ask(method, path)).code).toBe("forbidden");
      }
    }
    expect(await waysIn(user.id)).toMatchObject({ secondFactor: true, identities: [{ id: identityId }] });
  });
});

describe("a second factor that was lost", () => {
  it("is asked for no more once it is reset, and that is on record", async () => {
    const { user } = await withApp();
    const login = () => api.client.post("/api/auth/login", { email: user.email, password });
    expect((await login()).status).toBe(401);
    expect(await waysIn(user.id)).toEqual({ password: true, secondFactor: true, identities: [] });
    expect((await admin.client.post(resetPath(user.id))).status).toBe(204);
    expect((await login()).status).toBe(200);
    expect(await waysIn(user.id)).toEqual({ password: true, secondFactor: false, identities: [] });
    expect(await api.database.db.recoveryCode.count({ where: { userId: user.id } })).toBe(0);
    const row = await recordOf("user.second-factor-reset", user.email);
    expect(row).toMatchObject({ userId: admin.user.id, details: { userId: user.id } });
    expect((await admin.client.post(resetPath(user.id))).code).toBe("conflict");
    expect((await admin.client.post(resetPath(newId()))).code).toBe("not_found");
  });

  it("takes what the person allowed devices with it, and leaves their own tokens", async () => {
    const { user } = await withApp();
    const token = async (device: boolean) => {
      const secret = `rcl_${newId()}`;
      const hash = createHash("sha256").update(secret).digest("hex");
      const data = { userId: user.id, hash, prefix: secret.slice(0, 10), name: "t", device };
      await api.database.db.token.create({ data });
      return api.client.with({ authorization: `Bearer ${secret}` });
    };
    const [device, own] = [await token(true), await token(false)];
    expect((await device.get("/api/auth/user")).status).toBe(200);
    expect((await admin.client.post(resetPath(user.id))).status).toBe(204);
    expect((await device.get("/api/auth/user")).status).toBe(401);
    expect((await own.get("/api/auth/user")).status).toBe(200);
    const row = await recordOf("token.revoked", "t");
    expect(row).toMatchObject({ userId: admin.user.id, details: { userId: user.id } });
  });

  it("is not one's own: that asks for the password", async () => {
    const { user, client } = await withApp();
    await api.database.db.user.update({ where: { id: user.id }, data: { role: "admin" } });
    expect((await client.post(resetPath(user.id))).code).toBe("conflict");
    expect((await waysIn(user.id)).secondFactor).toBe(true);
  });
});

/** Until another transaction waits for one of this one's rows. */
const untilSomebodyWaits = (transaction: Transaction) =>
  vi.waitFor(async () => {
    const [found] = await transaction.$queryRaw<{ waiting: bigint }[]>`
      select count(*) as waiting from pg_stat_activity
      where datname = current_database() and pg_backend_pid() = any(pg_blocking_pids(pid))`;
    expect(Number(found?.waiting)).toBeGreaterThan(0);
  }, 20_000);
const patience = { timeout: 60_000 };

describe("somebody who is deleted while they sign in", () => {
  it.each(["delete", "give"])("waits for no lock that the sign-in needs next (%s)", async (sessions) => {
    const { user, identityId } = await linked(await buildUser(api));
    const to = (await buildUser(api)).email;
    const asked = await api.database.db.$transaction(async (transaction) => {
      // What a sign-in holds first, and then what one takes that changes a role.
      await transaction.$queryRaw`select id from user_identities where id = ${identityId}::uuid for update`;
      const body = sessions === "give" ? { sessions, to } : { sessions };
      const answer = admin.client.post(`/api/admin/users/${user.id}/delete`, body);
      await untilSomebodyWaits(transaction);
      const [free] = await transaction.$queryRaw<{ admins: boolean }[]>`
        select pg_try_advisory_xact_lock(hashtext('admins')) as admins`;
      expect(free).toEqual({ admins: true });
      await transaction.$queryRaw`select id from users where id = ${user.id}::uuid for update nowait`;
      return { answer };
    }, patience);
    expect((await asked.answer).status).toBe(204);
  });

  it("is somebody new by the same identity, however the two fall together", async () => {
    for (let round = 0; round < 8; round += 1) {
      const { user, subject } = await linked(await buildUser(api));
      const [signedIn, deleted] = await Promise.all([
        signIn(user, subject),
        admin.client.post(`/api/admin/users/${user.id}/delete`, { sessions: "delete" }),
      ]);
      expect([deleted.status, [200, 201, 403].includes(signedIn.status)]).toEqual([204, true]);
      const again = (await signIn(user, subject)).body.user;
      expect(again.email).toBe(user.email);
      expect(again.id).not.toBe(user.id);
    }
  });
});

describe("an identity that is unlinked while its person signs in", () => {
  it("is not found any more, where the link went first", async () => {
    const { user, subject, identityId } = await linked(await buildUser(api));
    const asked = await api.database.db.$transaction(async (transaction) => {
      await transaction.userIdentity.delete({ where: { id: identityId } });
      const answer = signIn({ ...user, email: "elsewhere@example.org" }, subject);
      await untilSomebodyWaits(transaction);
      return { answer };
    }, patience);
    // Known by the address alone, which is another's now: somebody else.
    expect((await asked.answer).body.user.id).not.toBe(user.id);
  });

  it("takes the sign-in with it, where that went first", async () => {
    const { user, client, identityId } = await linked(await buildUser(api));
    const { signInId, ...late } = await signedInClient(api);
    const asked = await api.database.db.$transaction(async (transaction) => {
      await transaction.$queryRaw`select id from user_identities where id = ${identityId}::uuid for update`;
      const answer = admin.client.delete(linkPath(user.id, identityId));
      await untilSomebodyWaits(transaction);
      await transaction.signIn.update({ where: { id: signInId }, data: { userId: user.id, method: "oidc" } });
      return { answer };
    }, patience);
    expect((await asked.answer).status).toBe(204);
    expect((await late.client.get("/api/auth/user")).status).toBe(401);
    expect((await client.get("/api/auth/user")).status).toBe(401);
  });
});

describe("an identity that is unlinked", () => {
  it("ends what was signed in by it at once, and nothing else, and is on record", async () => {
    const { user, client, cookie, identityId } = await linked(await buildUser(api, { password }));
    const other = await signedInClient(api, { user });
    expect((await waysIn(user.id)).identities).toMatchObject([{ provider: "oidc", name: "Example" }]);
    const socket = await connectSocket(api, { cookie });
    expect((await admin.client.delete(linkPath(user.id, identityId))).status).toBe(204);
    await vi.waitFor(() => expect(socket.socket.connected).toBe(false));
    expect((await client.get("/api/auth/user")).code).toBe("unauthenticated");
    expect((await other.client.get("/api/auth/user")).status).toBe(200);
    expect((await waysIn(user.id)).identities).toEqual([]);
    const row = await recordOf("user.unlinked", user.email);
    expect(row).toMatchObject({ userId: admin.user.id, details: { userId: user.id, provider: "oidc" } });
    expect((await admin.client.delete(linkPath(user.id, identityId))).code).toBe("not_found");
  });

  it("makes room for the identifier that the provider gives the same person now", async () => {
    const { user, identityId } = await linked(await buildUser(api));
    const renamed = newId();
    expect((await signIn(user, renamed)).body.error.details).toEqual({ reason: "linked-elsewhere" });
    await admin.client.delete(linkPath(user.id, identityId));
    expect((await signIn(user, renamed)).body.user.id).toBe(user.id);
  });

  it("is not found as another person's", async () => {
    const { user, identityId } = await linked(await buildUser(api));
    const other = await buildUser(api);
    expect((await admin.client.delete(linkPath(other.id, identityId))).code).toBe("not_found");
    expect((await waysIn(user.id)).identities).toHaveLength(1);
  });

  it("is never an admin's own last way in", async () => {
    const { user, client, identityId } = await linked(await buildUser(api, { role: "admin" }));
    // Of a provider that is not set up any more, and of who stood behind this id before: nobody gets in by them.
    const gone = { userId: user.id, provider: "gone", subject: "x" };
    const before = { userId: user.id, provider: "oidc", subject: "x", issuer: "https://before.example.org" };
    await api.database.db.userIdentity.createMany({ data: [gone, before] });
    const { identities } = await waysIn(user.id);
    expect(identities).toMatchObject([
      { name: "Example", isSetUp: true, issuer: "https://login.example.org" },
      { name: null, isSetUp: false, issuer: null },
      { name: null, isSetUp: true, issuer: "https://before.example.org" },
    ]);
    expect((await client.delete(linkPath(user.id, identityId))).code).toBe("conflict");
    expect((await client.get("/api/auth/user")).status).toBe(200);
    expect((await admin.client.delete(linkPath(user.id, identityId))).status).toBe(204);
  });
});
