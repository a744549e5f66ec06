import { z } from "zod";

const Url = z.url({ protocol: /^https?$/ });
/** What is read from there decides who is believed: nobody on the way may change it. */
const SafeUrl = Url.refine((url) => /^https:/i.test(url) || isLoopback(url), "https, but on this machine");
const isLoopback = (url: string) => ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
const text = z.string().optional();
const onOff = (standard: "on" | "off") => z.enum(["on", "off"]).default(standard);

/** Every variable about how people sign in; part of the api's environment (config.ts). */
export const SignInEnvironment = z.object({
  SIGN_IN_PASSWORD: onOff("on").describe("off: nobody signs in with a password of this installation"),
  SIGN_UP: onOff("on").describe(
    "on: whoever a provider vouches for gets an account at their first sign-in; off: only who is invited",
  ),
  SIGN_IN_MAX_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .max(8760)
    .default(720)
    .describe(
      "A sign-in ends after this long, however much it is used; roles are looked up anew with the next",
    ),
  ROLE_MAPPING: text.describe(
    "Roles by groups: admin=group|group;auditor=…;member=…; provider:group binds a group to a provider's id; with a member entry all others are refused",
  ),
  OIDC_ISSUER: Url.optional().describe("The OpenID Connect provider, as its discovery document names it"),
  OIDC_CLIENT_ID: text.describe("Our client id there"),
  OIDC_CLIENT_SECRET: text.describe("Our secret there"),
  OIDC_ID: text.describe("The provider's name in addresses and in the database; default: oidc"),
  OIDC_NAME: text.describe("What its button says after “Continue with”"),
  OIDC_SCOPES: text.describe("The scopes to ask for; default: openid email profile"),
  OIDC_GROUPS_CLAIM: text.describe("The claim with a person's groups, dots for nesting: realm_access.roles"),
  OIDC_TRUST_EMAIL: onOff("off").describe("on: its addresses count without email_verified, as Entra's do"),
  OIDC_PROVIDERS_FILE: text.describe("A YAML list of further OpenID Connect providers"),
  GITHUB_CLIENT_ID: text.describe("An OAuth app of GitHub"),
  GITHUB_CLIENT_SECRET: text.describe("Its secret"),
  GITHUB_ORGANISATIONS: text.describe("Only members of these may sign in, comma-separated"),
  GITHUB_URL: Url.default("https://github.com").describe("GitHub, or an Enterprise Server of yours"),
  SAML_METADATA_URL: SafeUrl.optional().describe(
    "Where the SAML identity provider describes itself; read anew each hour",
  ),
  SAML_METADATA_FILE: text.describe("The same as a file, read at the start"),
  SAML_ENTRY_POINT: Url.optional().describe("Where the SAML identity provider takes sign-in requests"),
  SAML_IDP_ISSUER: text.describe(
    "The identity provider's entity id; with metadata that describes several, the one that is meant",
  ),
  SAML_IDP_CERTIFICATE: text.describe("Its signing certificates, PEM"),
  SAML_LOGOUT_URL: Url.optional().describe("Where it takes sign-out requests; absent: none are sent"),
  SAML_ENTITY_ID: text.describe("Our entity id; default: the address of our metadata"),
  SAML_NAME: text.describe("What its button says after “Continue with”"),
  SAML_PRIVATE_KEY: text.describe("Our key, PEM: signs our requests and opens encrypted assertions"),
  SAML_CERTIFICATE: text.describe("Its certificate, PEM, for our metadata"),
  SAML_EMAIL_ATTRIBUTE: z.string().default("email").describe("The attribute with the e-mail address"),
  SAML_NAME_ATTRIBUTE: z.string().default("displayName").describe("The attribute with the person's name"),
  SAML_GROUPS_ATTRIBUTE: text.describe("The attribute with the person's groups"),
  LDAP_URL: z
    .url({ protocol: /^ldaps?$/ })
    .optional()
    .describe("The directory: ldaps://host, or ldap://host with StartTLS"),
  LDAP_START_TLS: onOff("on").describe(
    "With ldap://: on: encrypted before anything is said; off: in the clear",
  ),
  LDAP_CA_FILE: text.describe("The certificates that the directory's is held against, PEM"),
  LDAP_BIND_DN: text.describe("Who searches; absent: anonymously"),
  LDAP_BIND_PASSWORD: text.describe("That one's password"),
  LDAP_BASE_DN: text.describe("Below which people are searched"),
  LDAP_USER_FILTER: z
    .string()
    .default("(|(uid={login})(mail={login}))")
    .describe("Finds the one person; {login} is what they typed. Active Directory: (sAMAccountName={login})"),
  LDAP_ID_ATTRIBUTE: z
    .string()
    .default("entryUUID")
    .describe("What stays the same when a person's name changes. Active Directory: objectGUID"),
  LDAP_EMAIL_ATTRIBUTE: z.string().default("mail").describe("The attribute with the e-mail address"),
  LDAP_TRUST_EMAIL: onOff("on").describe(
    "on: the directory's addresses count as verified; off: only who was linked before comes in by it",
  ),
  LDAP_NAME_ATTRIBUTE: z.string().default("cn").describe("The attribute with the person's name"),
  LDAP_GROUP_BASE_DN: text.describe("Below which groups are searched; absent: memberOf of the person counts"),
  LDAP_GROUP_FILTER: z
    .string()
    .default("(|(member={dn})(uniqueMember={dn}))")
    .describe("Finds a person's groups; {dn} and {login} are theirs"),
  LDAP_NAME: text.describe("What the sign-in form calls it"),
});
export type SignInEnvironment = z.infer<typeof SignInEnvironment>;

export const signInSecrets = [
  "OIDC_CLIENT_SECRET",
  "GITHUB_CLIENT_SECRET",
  "SAML_IDP_CERTIFICATE",
  "SAML_PRIVATE_KEY",
  "SAML_CERTIFICATE",
  "LDAP_BIND_PASSWORD",
] as const satisfies readonly (keyof SignInEnvironment)[];
