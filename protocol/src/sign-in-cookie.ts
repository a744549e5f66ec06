import * as z from "zod";

/**
 * The cookie carries nothing but the random id of a sign-in row: 32 bytes in base64url. The row (which keeps only
 * the id's SHA-256) says who it is, and whether it still counts. next-auth in web and the api read and write the
 * same cookie with this pair.
 */
export const SignInId = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/**
 * Browsers keep a cookie named `__Host-` only over https, for `/` and without a domain: a neighbour below the same
 * domain cannot set one for us. `publicUrl` is PUBLIC_URL.
 */
export function signInCookieName(publicUrl: string): string {
  return publicUrl.startsWith("https:") ? "__Host-remote-claude.sign-in" : "remote-claude.sign-in";
}

/** A sign-in lasts this long without use; each use renews it, up to SIGN_IN_MAX_HOURS. */
export const signInIdleSeconds = 7 * 24 * 3600;

export function encodeSignIn(signInId: string): string {
  return SignInId.parse(signInId);
}

/** null for anything that is no sign-in id. */
export function decodeSignIn(cookie: string | undefined): string | null {
  const result = SignInId.safeParse(cookie);
  return result.success ? result.data : null;
}
