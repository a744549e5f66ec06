import { Attribute, Change } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildUser, startApi, type TestApi } from "../testing/index.ts";
import { escapeFilter } from "./ldap.ts";
import { idpCertificate } from "./testing/certificates.ts";
import { type Directory, dnOf, fill, hasSlapd, startSlapd, suffix } from "./testing/slapd.ts";

describe("a filter", () => {
  it("holds what was typed as it is, whatever it is", () => {
    expect(escapeFilter("ada")).toBe("ada");
    expect(escapeFilter("*)(uid=*")).toBe("\\2a\\29\\28uid=\\2a");
    expect(escapeFilter("a\\b\0é")).toBe("a\\5cb\\00\\c3\\a9");
  });
});

const readerSettings = {
  LDAP_BIND_DN: `cn=reader,${suffix}`,
  LDAP_BIND_PASSWORD: "reads",
  LDAP_BASE_DN: `ou=people,${suffix}`,
  ROLE_MAPPING: "admin=ops;member=dev",
  ADMIN_EMAIL: "root@example.org",
};

describe.skipIf(!hasSlapd)("LDAP, at OpenLDAP's slapd", () => {
  let directory: Directory;
  const apis: TestApi[] = [];
  let api: TestApi;
  const start = async (env: Record<string, string>) => {
    const made = await startApi({ env: { ...readerSettings, ...env } });
    apis.push(made);
    return made;
  };

  beforeAll(async () => {
    directory = await startSlapd(idpCertificate);
    await fill(directory, [
      { uid: "ada", password: "lovelace", mail: "Ada@example.org", groups: ["dev", "ops"] },
      { uid: "charles", password: "babbage", mail: "charles@example.org", groups: ["dev"] },
      { uid: "cook", password: "soup", mail: "cook@example.org", groups: ["kitchen"] },
      { uid: "nomail", password: "paper", groups: ["dev"] },
      { uid: "twin1", password: "same", mail: "twins@example.org", groups: ["dev"] },
      { uid: "twin2", password: "same", mail: "twins@example.org", groups: ["dev"] },
    ]);
    api = await start({
      LDAP_URL: directory.secureUrl,
      LDAP_CA_FILE: directory.caFile,
      LDAP_GROUP_BASE_DN: `ou=groups,${suffix}`,
    });
  });
  afterAll(async () => {
    for (const one of apis) await one.stop();
    await directory?.stop();
  });

  const signIn = (login: string, password: string, at = api, address = "192.0.2.1") =>
    at.internal().post("/internal/sign-ins", {
      proof: { kind: "ldap", login, password },
      userAgent: null,
      address,
    });

  it("lets in whom it let in before, and nobody new, where its addresses are not trusted", async () => {
    const { body } = await signIn("charles", "babbage");
    const wary = await start({
      LDAP_URL: directory.secureUrl,
      LDAP_CA_FILE: directory.caFile,
      LDAP_GROUP_BASE_DN: `ou=groups,${suffix}`,
      LDAP_TRUST_EMAIL: "off",
    });
    expect((await signIn("charles", "babbage", wary)).body.error.details).toEqual({
      reason: "email-unverified",
    });
    const known = await api.database.db.userIdentity.findFirstOrThrow({ where: { userId: body.user.id } });
    const user = await buildUser(wary);
    const { provider, issuer, subject } = known;
    await wary.database.db.userIdentity.create({ data: { userId: user.id, provider, issuer, subject } });
    expect((await signIn("charles", "babbage", wary)).body.user.id).toBe(user.id);
  });

  it("signs in by name or address, with the role of the groups", async () => {
    const { body } = await signIn("ada", "lovelace");
    expect(body.user).toMatchObject({
      email: "ada@example.org",
      name: "ada of the directory",
      role: "admin",
    });
    expect((await signIn("ada@example.org", "lovelace")).body.user.id).toBe(body.user.id);
    expect((await signIn("charles", "babbage")).body.user.role).toBe("member");
    const identity = await api.database.db.userIdentity.findFirst({ where: { userId: body.user.id } });
    // The entry's own id, not its name.
    expect(identity).toMatchObject({ provider: "ldap", subject: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it("refuses a wrong password and an unknown name with the same words", async () => {
    const answers = [
      await signIn("ada", "wrong"),
      await signIn("nobody", "lovelace"),
      await signIn("twins@example.org", "same"),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(401);
      expect(body.error.message).toBe("The user name or the password is wrong.");
    }
    expect((await signIn("ada", "")).status).toBe(400);
    expect((await signIn("ada\0", "lovelace")).status).toBe(400);
  });

  it.each(["*", "ada)(uid=*", "*)(|(uid=*", "a*", "\\61da", "ada)(&(userPassword=*", "(|(uid=ada))"])(
    "takes %j for a name and nothing more",
    async (login) => {
      expect((await signIn(login, "lovelace", api, "192.0.2.50")).status).toBe(401);
    },
  );

  it("refuses by the rules of who may come in", async () => {
    expect((await signIn("cook", "soup")).body.error.details.reason).toBe("group-required");
    expect((await signIn("nomail", "paper")).body.error.details.reason).toBe("no-email");
  });

  it("takes the role away with the group, at the next sign-in", async () => {
    const member = new Attribute({ type: "member", values: [dnOf("ada")] });
    const group = `cn=ops,ou=groups,${suffix}`;
    await directory.change(async (client) => {
      // A group is never empty.
      const stand = new Attribute({ type: "member", values: [dnOf("cook")] });
      await client.modify(group, new Change({ operation: "add", modification: stand }));
      await client.modify(group, new Change({ operation: "delete", modification: member }));
    });
    expect((await signIn("ada", "lovelace")).body.user.role).toBe("member");
  });

  it("asks with StartTLS before anything is said, and takes memberOf for the groups", async () => {
    const other = await start({ LDAP_URL: directory.url, LDAP_CA_FILE: directory.caFile });
    expect((await signIn("charles", "babbage", other)).body.user.role).toBe("member");
  });

  it("does not believe a directory whose certificate it does not know", async () => {
    for (const LDAP_URL of [directory.url, directory.secureUrl]) {
      const other = await start({ LDAP_URL, LDAP_CA_FILE: directory.otherCaFile });
      const answer = await signIn("charles", "babbage", other);
      expect([answer.status, answer.code]).toEqual([503, "unavailable"]);
    }
  });

  it("slows a guesser down, but not the owner at an address of theirs", async () => {
    expect((await signIn("charles", "babbage", api, "198.51.100.1")).status).toBe(200);
    const statuses: number[] = [];
    for (let guesser = 1; guesser <= 22; guesser += 1) {
      statuses.push((await signIn("charles", "guess", api, `203.0.113.${guesser}`)).status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect((await signIn("charles", "babbage", api, "198.51.100.1")).status).toBe(200);
  });

  it("counts one person's wrong passwords together, however their name is spelt", async () => {
    const statuses: number[] = [];
    // To a directory they are all one name.
    for (let spaces = 0; spaces < 9; spaces += 1) {
      statuses.push((await signIn(`${" ".repeat(spaces)}nomail`, "guess", api, "203.0.113.77")).status);
    }
    expect(statuses).toEqual([...Array(8).fill(401), 429]);
  });

  it("says that the directory is away, and not that the password is wrong", async () => {
    const other = await start({ LDAP_URL: "ldap://127.0.0.1:9", LDAP_START_TLS: "off" });
    expect((await signIn("charles", "babbage", other)).code).toBe("unavailable");
  });
});
