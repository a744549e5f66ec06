import * as z from "zod";
import { Id, Time } from "../ids.ts";
import { OrganisationAbility, OrganisationRole } from "../roles.ts";
import { TokenScope } from "../scopes.ts";
import { route } from "./route.ts";

export const User = z.object({
  id: Id,
  email: z.email(),
  name: z.string(),
  role: OrganisationRole,
  abilities: z.array(OrganisationAbility),
});
export type User = z.infer<typeof User>;

/**
 * Lower case is how addresses are told apart, so nothing may become a letter by it that it was not: the sign for Kelvin
 * becomes a `k`, and somebody else's address with it.
 */
export const Email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[!-~]*$/, "an e-mail address is written in ASCII here")
  .toLowerCase()
  .pipe(z.email());

/** The address in what a sign-in provider says; null where that is none. */
export const findAddress = (said: string | null | undefined): string | null =>
  Email.safeParse(said).data ?? null;

export const Password = z.string().min(1).max(1024);
export const minPasswordLength = 12;
/** One that is chosen now. Length is the rule: what else people are asked for makes passwords worse. */
export const NewPassword = z
  .string()
  .min(minPasswordLength, `a password has at least ${minPasswordLength} characters`)
  .max(1024);

/** What is said to somebody whose password was right and who has a second factor. */
export const secondFactorNeeded = "Enter the code of your authenticator app.";
export const SecondFactor = z.string().trim().min(1).max(40);

export const login = route({
  method: "POST",
  path: "/api/auth/login",
  summary: "Sign in with e-mail and password; sets the session cookie",
  needs: "nobody",
  scope: "any",
  body: z.strictObject({ email: Email, password: Password, secondFactor: SecondFactor.optional() }),
  reply: z.object({ user: User }),
  errors: ["bad_request", "unauthenticated", "rate_limited"],
});

export const logout = route({
  method: "POST",
  path: "/api/auth/logout",
  summary: "End this sign-in and clear the cookie",
  needs: "nobody",
  scope: "any",
  status: 204,
});

export const getUser = route({
  method: "GET",
  path: "/api/auth/user",
  summary: "Who is signed in",
  needs: "signed-in",
  scope: "any",
  reply: z.object({ user: User }),
});

export const Token = z.object({
  id: Id,
  name: z.string(),
  /** The first characters, to tell tokens apart. */
  prefix: z.string(),
  /** What it is limited to; empty: it may do all that you may. */
  scopes: z.array(TokenScope),
  createdAt: Time,
  expiresAt: Time.nullable(),
  lastUsedAt: Time.nullable(),
});
export type Token = z.infer<typeof Token>;

export const listTokens = route({
  method: "GET",
  path: "/api/tokens",
  summary: "Your personal access tokens",
  needs: "signed-in",
  scope: "full",
  reply: z.object({ tokens: z.array(Token) }),
});

export const createToken = route({
  method: "POST",
  path: "/api/tokens",
  summary: "Make a personal access token; its text is shown in this answer only",
  needs: "signed-in",
  scope: "full",
  body: z.strictObject({
    name: z.string().trim().min(1).max(100),
    expiresInDays: z.int().min(1).max(3650).optional(),
    scopes: z.array(TokenScope).max(TokenScope.options.length).default([]),
  }),
  reply: z.object({ token: Token, secret: z.string() }),
  status: 201,
});

export const revokeToken = route({
  method: "DELETE",
  path: "/api/tokens/{tokenId}",
  summary: "Revoke a personal access token",
  needs: "signed-in",
  scope: "full",
  params: z.object({ tokenId: Id }),
  status: 204,
  errors: ["not_found"],
});

export const SignIn = z.object({
  id: Id,
  current: z.boolean(),
  userAgent: z.string().nullable(),
  address: z.string().nullable(),
  createdAt: Time,
  lastUsedAt: Time,
});
export type SignIn = z.infer<typeof SignIn>;

export const listSignIns = route({
  method: "GET",
  path: "/api/auth/sign-ins",
  summary: "Where you are signed in",
  needs: "signed-in",
  scope: "full",
  reply: z.object({ signIns: z.array(SignIn) }),
});

export const revokeSignIn = route({
  method: "DELETE",
  path: "/api/auth/sign-ins/{signInId}",
  summary: "End one of your sign-ins; its live connections close",
  needs: "signed-in",
  scope: "full",
  params: z.object({ signInId: Id }),
  status: 204,
  errors: ["not_found"],
});
