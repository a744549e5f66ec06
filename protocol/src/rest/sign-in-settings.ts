import * as z from "zod";
import { route } from "./route.ts";

/** A way in through somebody else, as it is set: no secrets. */
export const SignInProviderSettings = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["oidc", "github", "saml", "ldap"]),
  /** What is set, for people to read and compare. */
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type SignInProviderSettings = z.infer<typeof SignInProviderSettings>;

export const SignInSettings = z.object({
  password: z.boolean(),
  /** Whoever a provider vouches for gets an account at their first sign-in. */
  signUp: z.boolean(),
  maxHours: z.number().positive(),
  /** Empty: every domain. */
  allowedDomains: z.array(z.string()),
  /** Groups by role; null: roles are given here alone. */
  roleMapping: z
    .object({ admin: z.array(z.string()), auditor: z.array(z.string()), member: z.array(z.string()) })
    .nullable(),
  providers: z.array(SignInProviderSettings),
  /** What is allowed, and yet to be thought about, in sentences. */
  warnings: z.array(z.string()),
});
export type SignInSettings = z.infer<typeof SignInSettings>;

export const getSignInSettings = route({
  method: "GET",
  path: "/api/admin/sign-in",
  summary: "How people sign in, as the configuration says; no secrets",
  needs: "settings.manage",
  scope: "admin:read",
  reply: SignInSettings,
});

/** One thing that was looked at, and what was found, in words. */
export const ProviderCheck = z.object({ what: z.string(), ok: z.boolean(), says: z.string() });
export type ProviderCheck = z.infer<typeof ProviderCheck>;

export const testSignInProvider = route({
  method: "POST",
  path: "/api/admin/sign-in/{providerId}/test",
  summary: "Try the connection to a sign-in provider, and say what is wrong",
  needs: "settings.manage",
  scope: "admin:write",
  params: z.object({ providerId: z.string().max(40) }),
  reply: z.object({ ok: z.boolean(), checks: z.array(ProviderCheck) }),
  errors: ["not_found"],
});
