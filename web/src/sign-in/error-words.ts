import { SignInRefusal, signInRefusals } from "@remote-claude/protocol";

/** What next-auth calls what went wrong between it and a provider. */
const interrupted =
  "Your organisation's sign-in did not come to an end. Try again; if it stays so, tell an administrator.";
const words: Readonly<Record<string, string>> = {
  AccessDenied: "Your organisation's sign-in refused. Try again with an account that may sign in here.",
  access_denied: "The sign-in was cancelled.",
  OAuthSignin: "Your organisation's sign-in cannot be reached. Try again in a moment.",
  OAuthCallback: interrupted,
  Callback: interrupted,
  saml: interrupted,
  unavailable: "Sign-in is not available right now. Try again in a moment.",
};

/**
 * The sentence for what the address says went wrong. Only what is known is shown: anybody can write an address, and
 * must not put words in our mouth.
 */
export function errorWords(error: string | string[] | undefined): string | null {
  if (error === undefined) return null;
  const refusal = SignInRefusal.safeParse(error);
  if (refusal.success) return signInRefusals[refusal.data];
  return typeof error === "string" && Object.hasOwn(words, error)
    ? (words[error] ?? null)
    : "Sign-in failed. Try again.";
}
