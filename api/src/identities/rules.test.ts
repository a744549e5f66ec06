import type { Identity } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { parseRoleMapping } from "../sign-in-config/index.ts";
import { type Account, decide, type Known, type Rules } from "./rules.ts";

const identity = (more: Partial<Identity> = {}): Identity => ({
  provider: "oidc",
  subject: "s-1",
  email: "ada@example.org",
  emailVerified: true,
  name: "Ada",
  groups: null,
  ...more,
});
const account = (more: Partial<Account> = {}): Account => ({
  id: "a",
  email: "ada@example.org",
  role: "member",
  status: "active",
  ...more,
});
const nobody: Known = { linked: null, sameAddress: null, invitation: null };
const rules = (more: Partial<Rules> = {}): Rules => ({
  allowsAddress: (email) => email.endsWith("@example.org"),
  adminEmail: "admin@example.org",
  signUp: true,
  roleMapping: null,
  organisations: null,
  ...more,
});
const every = (group: string) => ({ provider: null, group });
const mapping = { admin: [every("ops")], auditor: [every("law")], member: [every("dev")] };

describe("somebody new", () => {
  it("gets an account, with the role of their groups", () => {
    expect(decide(identity(), nobody, rules())).toEqual({
      kind: "create",
      email: "ada@example.org",
      role: "member",
      invitationId: null,
    });
    const mapped = rules({ roleMapping: mapping });
    for (const [groups, role] of [
      [["dev"], "member"],
      [["dev", "law"], "auditor"],
      [["law", "ops"], "admin"],
    ] as const) {
      expect(decide(identity({ groups: [...groups] }), nobody, mapped)).toMatchObject({ role });
    }
  });

  it("gets a role by a group of the provider that it is bound to, and of no other", () => {
    const providers = ["oidc", "partners"];
    const roleMapping = parseRoleMapping(
      "admin=oidc:ops;auditor=urn:law|law;member=partners: dev",
      providers,
    );
    const roleOf = (provider: string, group: string) => {
      const decision = decide(identity({ provider, groups: [group] }), nobody, rules({ roleMapping }));
      return decision.kind === "create" ? decision.role : decision.kind;
    };
    expect([roleOf("oidc", "ops"), roleOf("partners", "ops")]).toEqual(["admin", "refuse"]);
    expect([roleOf("partners", "dev"), roleOf("oidc", "dev")]).toEqual(["member", "refuse"]);
    // Whatever a provider calls its groups.
    expect([roleOf("partners", "oidc:ops"), roleOf("oidc", "oidc:ops")]).toEqual(["refuse", "refuse"]);
    // What stands before the colon is no provider's id.
    expect([roleOf("partners", "urn:law"), roleOf("oidc", "law")]).toEqual(["auditor", "auditor"]);
  });

  it.each([
    ["without an address", { email: null }, {}, "no-email"],
    ["with an unverified address", { emailVerified: false }, {}, "email-unverified"],
    ["of another domain", { email: "eve@elsewhere.example" }, {}, "domain-not-allowed"],
    ["uninvited, where sign-up is off", {}, { signUp: false }, "not-invited"],
    ["in none of the groups", { groups: ["cooks"] }, { roleMapping: mapping }, "group-required"],
    ["outside the organisation", { groups: ["other"] }, { organisations: ["acme"] }, "organisation-required"],
    ["who names no groups", {}, { organisations: ["acme"] }, "organisation-required"],
  ])("%s is refused", (_, who, what, reason) => {
    expect(decide(identity(who), nobody, rules(what))).toEqual({ kind: "refuse", reason });
  });

  it("gets no role by an organisation that anybody could have founded", () => {
    const roleMapping = { admin: [every("ops"), every("Acme/ops")], auditor: [], member: [] };
    const roleBy = (groups: string[], organisations: string[]) =>
      decide(identity({ provider: "github", groups }), nobody, rules({ roleMapping, organisations }));
    expect(roleBy(["Acme", "ops"], ["acme"])).toMatchObject({ role: "member" });
    expect(roleBy(["ops", "Acme/ops"], [])).toMatchObject({ role: "member" });
    expect(roleBy(["Acme", "Acme/ops"], ["acme"])).toMatchObject({ role: "admin" });
  });

  it("comes in by an invitation, with its role unless groups say another", () => {
    const invited: Known = { ...nobody, invitation: { id: "i", role: "auditor" } };
    const closed = rules({ signUp: false });
    expect(decide(identity(), invited, closed)).toMatchObject({ role: "auditor", invitationId: "i" });
    const mapped = rules({ signUp: false, roleMapping: mapping });
    expect(decide(identity({ groups: ["dev"] }), invited, mapped)).toMatchObject({ role: "member" });
  });

  it("is the admin with the address of the settings, whatever the groups", () => {
    const admin = identity({ email: "admin@example.org", groups: [] });
    expect(decide(admin, nobody, rules({ roleMapping: mapping }))).toMatchObject({ role: "admin" });
  });
});

describe("somebody who has an account", () => {
  const sameAddress = { ...account(), taken: false };

  it("is linked by a verified address, and by nothing else", () => {
    expect(decide(identity(), { ...nobody, sameAddress }, rules())).toMatchObject({
      kind: "sign-in",
      link: true,
    });
    const unverified = identity({ emailVerified: false });
    expect(decide(unverified, { ...nobody, sameAddress }, rules())).toEqual({
      kind: "refuse",
      reason: "email-unverified",
    });
  });

  it("is not the one to whom the address was given later", () => {
    const known: Known = { ...nobody, sameAddress: { ...sameAddress, taken: true } };
    expect(decide(identity({ subject: "s-2" }), known, rules())).toEqual({
      kind: "refuse",
      reason: "linked-elsewhere",
    });
  });

  it("stays who they are when the provider has another address for them", () => {
    const moved = identity({ email: "ada@married.example", emailVerified: false });
    expect(decide(moved, { ...nobody, linked: account() }, rules())).toMatchObject({
      kind: "sign-in",
      link: false,
      account: { id: "a" },
    });
  });

  it("has the role of their groups at each sign-in, and loses it with them", () => {
    const linked = account({ role: "admin" });
    const mapped = rules({ roleMapping: { ...mapping, member: [] } });
    expect(decide(identity({ groups: ["law"] }), { ...nobody, linked }, mapped)).toMatchObject({
      role: "auditor",
    });
    expect(decide(identity({ groups: [] }), { ...nobody, linked }, mapped)).toMatchObject({ role: "member" });
    const strict = rules({ roleMapping: mapping });
    expect(decide(identity({ groups: [] }), { ...nobody, linked }, strict)).toEqual({
      kind: "refuse",
      reason: "group-required",
    });
  });

  it("keeps a role given by hand where the provider does not speak of groups", () => {
    const linked = account({ role: "auditor" });
    expect(decide(identity(), { ...nobody, linked }, rules({ roleMapping: mapping }))).toMatchObject({
      role: "auditor",
    });
  });

  it.each([
    ["is disabled", account({ status: "disabled" }), "disabled"],
    ["has an address of another domain", account({ email: "ada@old.example" }), "domain-not-allowed"],
  ])("is refused who %s", (_, linked, reason) => {
    expect(decide(identity(), { ...nobody, linked }, rules())).toEqual({ kind: "refuse", reason });
  });
});
