/** The sign-in page, with the way back to where one was. */
export function signInUrl(from: string): string {
  return from === "/" || from.startsWith("/sign-in")
    ? "/sign-in"
    : `/sign-in?callbackUrl=${encodeURIComponent(from)}`;
}

/**
 * The path to go on to after sign-in: one of ours, or the sessions page. A full address, `//host` and `/\host`
 * would lead elsewhere.
 */
export function safeCallback(callbackUrl: string | null | undefined): string {
  if (callbackUrl === null || callbackUrl === undefined) return "/";
  if (!/^\/(?![/\\])/.test(callbackUrl) || /[\t\n\r\\]/.test(callbackUrl)) return "/";
  return callbackUrl.startsWith("/sign-in") ? "/" : callbackUrl;
}

/** Says to the sign-in page that somebody was signed in until now. */
export const endedParameter = "ended";

/** Leaves for the sign-in page, which says why, and keeps where one was. */
export function goToSignIn(): void {
  if (typeof window === "undefined") return;
  const { pathname, search } = window.location;
  if (pathname.startsWith("/sign-in")) return;
  const url = signInUrl(pathname + search);
  window.location.assign(`${url}${url.includes("?") ? "&" : "?"}${endedParameter}=1`);
}
