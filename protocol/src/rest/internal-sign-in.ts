import * as z from "zod";
import { Email, Password, SecondFactor, User } from "./auth.ts";

/** Why somebody whom a provider vouches for is not let in, and what they are told. */
export const signInRefusals = {
  "no-email": "Your organisation's sign-in did not say your e-mail address.",
  "email-unverified": "Your organisation's sign-in has not verified your e-mail address.",
  "domain-not-allowed": "Addresses of this domain may not sign in here.",
  "organisation-required": "Only members of the organisation may sign in here.",
  "group-required": "You are in none of the groups that may sign in here.",
  "not-invited": "You need an invitation to sign in here. Ask an administrator.",
  "linked-elsewhere":
    "Your e-mail address belongs to an account that somebody else of your organisation signed in to. Ask an administrator.",
  disabled: "Your account is disabled. Ask an administrator.",
} as const;
export const SignInRefusal = z.enum(Object.keys(signInRefusals) as [keyof typeof signInRefusals]);
export type SignInRefusal = keyof typeof signInRefusals;

/** Whom a sign-in provider says this is. */
export const Identity = z.strictObject({
  provider: z.string().min(1).max(60),
  /** What stays the same when name and address change. */
  subject: z.string().min(1).max(500),
  email: Email.nullable(),
  emailVerified: z.boolean(),
  name: z.string().trim().min(1).max(200).nullable(),
  /** null: the provider does not speak of groups. */
  groups: z.array(z.string().max(500)).max(2000).nullable(),
});
export type Identity = z.infer<typeof Identity>;

/**
 * web → api on the internal address, `Authorization: Bearer <INTERNAL_SECRET>`: POST /internal/sign-ins checks the
 * proof and makes the row. Never routed from outside. `link` is the one-time token of a printed URL, `code` the one
 * that SAML hands over, with the cookie of the browser that began; `identity` is what next-auth has checked itself.
 */
export const InternalSignInRequest = z.strictObject({
  proof: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("password"),
      email: Email,
      password: Password,
      secondFactor: SecondFactor.optional(),
    }),
    z.strictObject({ kind: z.literal("link"), token: z.string().min(1).max(200) }),
    z.strictObject({
      kind: z.literal("code"),
      token: z.string().min(1).max(200),
      binding: z.string().min(1).max(200),
    }),
    z.strictObject({
      kind: z.literal("ldap"),
      login: z
        .string()
        .trim()
        .min(1)
        .max(254)
        .regex(/^\P{Cc}+$/u, "a name without control characters"),
      password: Password,
    }),
    z.strictObject({
      kind: z.literal("identity"),
      identity: Identity,
      /** To end the session at the provider with, later. */
      idToken: z.string().max(20_000).nullable(),
    }),
  ]),
  userAgent: z.string().max(1000).nullable(),
  address: z.string().max(100).nullable(),
});
export type InternalSignInRequest = z.infer<typeof InternalSignInRequest>;
export const InternalSignInReply = z.object({ signInId: z.string(), user: User });
export type InternalSignInReply = z.infer<typeof InternalSignInReply>;

/** GET /internal/sign-in-providers: what next-auth needs, secrets included. */
export const InternalSignInProviders = z.object({
  oidc: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      issuer: z.string(),
      clientId: z.string(),
      clientSecret: z.string(),
      scopes: z.string(),
      groupsClaim: z.string().nullable(),
      trustEmail: z.boolean(),
    }),
  ),
  github: z
    .object({
      clientId: z.string(),
      clientSecret: z.string(),
      url: z.string(),
      apiUrl: z.string(),
    })
    .nullable(),
});
export type InternalSignInProviders = z.infer<typeof InternalSignInProviders>;
