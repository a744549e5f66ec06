import type { Identity } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildUser, connectSocket, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { adoptIdentities } from "./issuers.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    env: {
      ALLOWED_DOMAINS: "example.org",
      ROLE_MAPPING: "admin=ops;auditor=law;member=dev|acme/dev",
      OIDC_ISSUER: "https://login.example.org",
      OIDC_CLIENT_ID: "remote-claude",
      OIDC_CLIENT_SECRET: "a secret of the provider",
      GITHUB_CLIENT_ID: "g",
      GITHUB_CLIENT_SECRET: "another secret of it",
      GITHUB_ORGANISATIONS: "Acme",
    },
  });
});
afterAll(() => api.stop());

let counter = 0;
const someone = (more: Partial<Identity> = {}): Identity => {
  counter += 1;
  const email = `person-${counter}@example.org`;
  return {
    provider: "oidc",
    subject: `s-${counter}`,
    email,
    emailVerified: true,
    name: "P",
    groups: ["dev"],
    ...more,
  };
};
const signIn = (identity: Identity) =>
  api.internal().post("/internal/sign-ins", {
    proof: { kind: "identity", identity, idToken: null },
    userAgent: "Browser",
    address: "192.0.2.9",
  });
const reasonOf = async (identity: Identity) => (await signIn(identity)).body.error?.details?.reason;
const cookieOf = (signInId: string) => ({ cookie: `remote-claude.sign-in=${signInId}` });
const userOf = (email: string) => api.database.db.user.findUniqueOrThrow({ where: { email } });
const actionsOf = async (userId: string) =>
  (await api.database.db.auditLog.findMany({ where: { userId }, orderBy: { id: "asc" } })).map(
    ({ action }) => action,
  );

describe("an identity that web has checked", () => {
  it("counts only with the internal secret", async () => {
    const proof = { kind: "identity", identity: someone(), idToken: null };
    const answer = await api.client.post("/internal/sign-ins", { proof, userAgent: null, address: null });
    expect(answer.status).toBe(404);
    expect((await api.client.get("/internal/sign-in-providers")).status).toBe(404);
  });

  it("makes an account once, signs it in, and is on record", async () => {
    const identity = someone({ email: "Grace@Example.org" });
    const first = await signIn(identity);
    expect(first.body.user).toMatchObject({ email: "grace@example.org", role: "member" });
    const me = await api.client.get("/api/auth/user", { headers: cookieOf(first.body.signInId) });
    expect(me.body.user.email).toBe("grace@example.org");
    expect((await signIn(identity)).body.user.id).toBe(first.body.user.id);
    expect(await actionsOf(first.body.user.id)).toEqual([
      "user.created",
      "sign-in.succeeded",
      "sign-in.succeeded",
    ]);
  });

  it("makes one account when the same person comes twice at once", async () => {
    const identity = someone();
    const answers = await Promise.all([signIn(identity), signIn(identity), signIn(identity)]);
    expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1);
  });

  it("is linked to the account with its verified address, and remembered", async () => {
    const user = await buildUser(api);
    expect(await reasonOf(someone({ email: user.email, emailVerified: false }))).toBe("email-unverified");
    const identity = someone({ email: user.email });
    expect((await signIn(identity)).body.user.id).toBe(user.id);
    expect(await actionsOf(user.id)).toEqual(["user.linked", "sign-in.succeeded"]);
    expect((await signIn({ ...identity, email: "else@example.org" })).body.user.id).toBe(user.id);
    expect(await reasonOf(someone({ email: user.email }))).toBe("linked-elsewhere");
  });

  it("is another's, once the provider's id stands for another issuer", async () => {
    const identity = someone({ email: "ursula@example.org" });
    const { body } = await signIn(identity);
    const where = { provider: "oidc", subject: identity.subject };
    expect(await api.database.db.userIdentity.findFirst({ where })).toMatchObject({
      issuer: "https://login.example.org",
    });
    await api.database.db.userIdentity.updateMany({ where, data: { issuer: "https://before.example.org" } });
    expect(await reasonOf({ ...identity, email: null })).toBe("no-email");
    const other = await signIn({ ...identity, email: "ulrich@example.org" });
    expect(other.body.user.id).not.toBe(body.user.id);
    expect(await api.database.db.userIdentity.count({ where })).toBe(2);
  });

  it("goes on being known that was linked before issuers were kept, and gets its issuer", async () => {
    const [identity, absent] = [someone(), someone()];
    const { body } = await signIn(identity);
    await signIn(absent);
    await api.database.db.userIdentity.updateMany({
      where: { subject: { in: [identity.subject, absent.subject] } },
      data: { issuer: "" },
    });
    expect((await signIn({ ...identity, email: null })).body.user.id).toBe(body.user.id);
    await adoptIdentities(api.app.context);
    const issuers = await api.database.db.userIdentity.findMany({
      where: { provider: "oidc", subject: { in: [identity.subject, absent.subject] } },
    });
    expect(issuers.map(({ issuer }) => issuer)).toEqual(Array(2).fill("https://login.example.org"));
  });

  it("of a provider that is not set up is refused", async () => {
    expect((await signIn(someone({ provider: "saml" }))).body.error.code).toBe("bad_request");
  });

  it("is refused for the rules' reasons, on record and without an account", async () => {
    const cases = [
      [someone({ email: "eve@elsewhere.example" }), "domain-not-allowed"],
      [someone({ groups: ["cooks"] }), "group-required"],
      [someone({ provider: "github", groups: ["other"] }), "organisation-required"],
      [someone({ email: null }), "no-email"],
    ] as const;
    for (const [identity, reason] of cases) {
      expect(await reasonOf(identity)).toBe(reason);
      if (identity.email !== null) {
        expect(await api.database.db.user.findUnique({ where: { email: identity.email } })).toBeNull();
      }
    }
    const recorded = await api.database.db.auditLog.findMany({
      where: { action: "sign-in.failed", result: "refused", target: "eve@elsewhere.example" },
    });
    expect(recorded).toMatchObject([{ details: { method: "oidc", reason: "domain-not-allowed" } }]);
  });

  it("of GitHub needs an organisation, in whatever case it is written, and no other's group counts", async () => {
    const { body } = await signIn(someone({ provider: "github", groups: ["acme", "acme/dev", "ops"] }));
    expect(body.user.role).toBe("member");
    expect(await reasonOf(someone({ provider: "github", groups: ["acme", "ops"] }))).toBe("group-required");
  });

  it("of a disabled person is refused", async () => {
    const identity = someone();
    await signIn(identity);
    await api.database.db.user.update({
      where: { email: identity.email ?? "" },
      data: { status: "disabled" },
    });
    expect(await reasonOf(identity)).toBe("disabled");
  });

  it("leaves the last admin one, whatever the groups say", async () => {
    const identity = someone({ groups: ["ops"] });
    const { body } = await signIn(identity);
    const others = await api.database.db.user.findMany({
      where: { role: "admin", id: { not: body.user.id } },
      select: { id: true },
    });
    const where = { id: { in: others.map(({ id }) => id) } };
    await api.database.db.user.updateMany({ where, data: { role: "member" } });
    expect((await signIn({ ...identity, groups: ["dev"] })).body.user.role).toBe("admin");
    await api.database.db.user.updateMany({ where, data: { role: "admin" } });
    const another = await signIn(someone({ groups: ["ops"] }));
    expect(another.body.user.role).toBe("admin");
    expect((await signIn({ ...identity, groups: ["dev"] })).body.user.role).toBe("member");
  });

  it("waits for who administers before it holds the person whose role it changes", async () => {
    const user = await buildUser(api, { role: "admin" });
    await signIn(someone({ groups: ["ops"] }));
    const asked = await api.database.db.$transaction(
      async (transaction) => {
        await transaction.$executeRaw`select pg_advisory_xact_lock(hashtext('admins'))`;
        const answer = signIn(someone({ email: user.email, groups: ["dev"] }));
        await vi.waitFor(async () => {
          const [found] = await transaction.$queryRaw<{ waiting: bigint }[]>`
            select count(*) as waiting from pg_stat_activity
            where datname = current_database() and pg_backend_pid() = any(pg_blocking_pids(pid))`;
          expect(Number(found?.waiting)).toBeGreaterThan(0);
        }, 20_000);
        // As when somebody deletes them at this moment.
        await transaction.$queryRaw`select id from users where id = ${user.id}::uuid for update nowait`;
        return { answer };
      },
      { timeout: 60_000 },
    );
    expect((await asked.answer).body.user).toMatchObject({ id: user.id, role: "member" });
  });

  it("is refused, and links nothing, when the person is disabled while it waits", async () => {
    const user = await buildUser(api, { role: "admin" });
    await signIn(someone({ groups: ["ops"] }));
    const asked = await api.database.db.$transaction(
      async (transaction) => {
        await transaction.user.update({ where: { id: user.id }, data: { status: "disabled" } });
        await transaction.$executeRaw`select pg_advisory_xact_lock(hashtext('admins'))`;
        const answer = signIn(someone({ email: user.email, groups: ["dev"] }));
        await vi.waitFor(async () => {
          const [found] = await transaction.$queryRaw<{ waiting: bigint }[]>`
            select count(*) as waiting from pg_stat_activity
            where datname = current_database() and pg_backend_pid() = any(pg_blocking_pids(pid))`;
          expect(Number(found?.waiting)).toBeGreaterThan(0);
        }, 20_000);
        return { answer };
      },
      { timeout: 60_000 },
    );
    expect((await asked.answer).body.error.details).toEqual({ reason: "disabled" });
    expect(await api.database.db.userIdentity.count({ where: { userId: user.id } })).toBe(0);
  });

  it("changes the role with the groups, for sockets within a second", async () => {
    const identity = someone({ groups: ["ops"] });
    const { body } = await signIn(identity);
    expect(body.user.role).toBe("admin");
    const cookie = cookieOf(body.signInId);
    expect((await api.client.get("/api/invitations", { headers: cookie })).status).toBe(200);
    const live = await connectSocket(api, cookie);
    const closed = new Promise((resolve) => live.socket.once("disconnect", resolve));
    await signIn({ ...identity, groups: ["law"] });
    expect((await userOf(identity.email ?? "")).role).toBe("auditor");
    expect((await api.client.get("/api/invitations", { headers: cookie })).status).toBe(403);
    await closed;
    expect(await actionsOf(body.user.id)).toContain("user.role-mapped");
  });

  it("uses an invitation up", async () => {
    const { client } = await signedInClient(api, { role: "admin" });
    const identity = someone({ groups: null });
    await client.post("/api/invitations", { email: identity.email, role: "auditor" });
    expect((await signIn(identity)).body.user.role).toBe("auditor");
    const { body } = await client.get("/api/invitations");
    expect(body.invitations[0]).toMatchObject({ email: identity.email, state: "accepted" });
  });
});

describe("what there is to sign in with", () => {
  it("is public without its secrets, and whole for web", async () => {
    const { body, text } = await api.client.get("/api/config");
    expect(body.signIn).toEqual({
      password: true,
      providers: [
        { id: "oidc", name: "login.example.org", kind: "oidc" },
        { id: "github", name: "GitHub", kind: "github" },
      ],
    });
    expect(text).not.toMatch(/secret of/);
    const whole = await api.internal().get("/internal/sign-in-providers");
    expect(whole.body.oidc[0]).toMatchObject({ id: "oidc", clientSecret: "a secret of the provider" });
  });
});
