import type { GithubAccount } from "./github.ts";
import type { OidcAccount } from "./oidc.ts";

/** At the provider of OpenID Connect. */
export const people = new Map<string, OidcAccount>([
  ["ada", { email: "ada@example.org", name: "Ada Lovelace", groups: ["dev", "ops"] }],
  ["charles", { email: "charles@example.org", groups: ["dev"] }],
  ["unverified", { email: "unverified@example.org", emailVerified: false, groups: ["dev"] }],
  ["elsewhere", { email: "eve@elsewhere.example", groups: ["dev"] }],
  ["cook", { email: "cook@example.org", groups: ["kitchen"] }],
]);

/** At the one of SAML. */
export const employees = {
  katherine: { password: "johnson", email: "katherine@example.org", groups: ["dev"] },
};

/** At GitHub. */
export const hubbers = new Map<string, GithubAccount>([
  [
    "grace",
    {
      id: 1,
      login: "grace",
      emails: [
        { email: "old@example.org", primary: false, verified: true },
        { email: "grace@example.org", primary: true, verified: true },
      ],
      organisations: ["Acme"],
    },
  ],
  [
    "mallory",
    {
      id: 2,
      login: "mallory",
      emails: [{ email: "mallory@example.org", primary: true, verified: true }],
      organisations: ["other"],
    },
  ],
  [
    "pretender",
    {
      id: 3,
      login: "pretender",
      emails: [{ email: "ada@example.org", primary: true, verified: false }],
      organisations: ["acme"],
    },
  ],
]);
