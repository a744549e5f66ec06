import { signOutAtProvider } from "@remote-claude/protocol";
import { call } from "./api.ts";

/** Speaks to next-auth under /auth: a CSRF token first, then the act, with JSON answers. */
async function post(path: string, fields: Record<string, string>): Promise<{ url: string }> {
  let response: Response;
  try {
    const csrf = await fetch("/auth/csrf", { credentials: "same-origin" });
    const { csrfToken } = (await csrf.json()) as { csrfToken: string };
    response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ ...fields, csrfToken, json: "true" }),
    });
  } catch (cause) {
    throw new Error("The server could not be reached. Check your connection.", { cause });
  }
  const body = (await response.json().catch(() => null)) as { url?: string } | null;
  if (typeof body?.url !== "string") throw new Error("The server answered unclearly. Try again.");
  // next-auth's way of saying that the token and its cookie do not belong together: nothing was done.
  if (new URL(body.url, window.location.origin).searchParams.get("csrf") === "true") {
    throw new Error(
      "Your browser did not keep this page's cookie. Allow cookies for this address, then try again.",
    );
  }
  return { url: body.url };
}

/** Signs in with one of next-auth's credentials providers; throws an Error with a sentence for the person. */
export async function signIn(
  provider: "password" | "link" | "code" | "ldap",
  credentials: Record<string, string>,
): Promise<void> {
  const { url } = await post(`/auth/callback/${provider}`, credentials);
  const error = new URL(url, window.location.origin).searchParams.get("error");
  if (error !== null) {
    throw new Error(
      error === "CredentialsSignin" ? "Sign-in failed. Check what you entered and try again." : error,
    );
  }
}

/** The provider's address to go to, from which it leads back to `goTo`. */
export async function startSignIn(provider: string, goTo: string): Promise<string> {
  const { url } = await post(`/auth/signin/${provider}`, { callbackUrl: goTo });
  if (new URL(url, window.location.origin).searchParams.has("error")) {
    throw new Error("Your organisation's sign-in cannot be reached. Try again in a moment.");
  }
  return url;
}

/** Ends this sign-in, and the session at its provider where that can be; leads to the sign-in page. */
export async function signOut(): Promise<void> {
  // Asked before the sign-in is gone; that the provider does not answer must keep nobody signed in.
  const atProvider = await call(signOutAtProvider, { signInAgain: false }).catch(() => ({ url: null }));
  await post("/auth/signout", { callbackUrl: "/sign-in" });
  window.location.assign(atProvider.url ?? "/sign-in");
}
