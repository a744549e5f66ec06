import { type NextRequest, NextResponse } from "next/server";
import { development } from "./config.ts";

/**
 * What a page may load. Scripts need this answer's nonce, which Next puts on its own; styles may be inline,
 * because Monaco and xterm write theirs while they run.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function protect(response: NextResponse, policy: string): NextResponse {
  response.headers.set("content-security-policy", policy);
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("referrer-policy", "same-origin");
  response.headers.set("permissions-policy", "camera=(), microphone=(), geolocation=()");
  response.headers.set("cross-origin-opener-policy", "same-origin");
  return response;
}

/**
 * What our pages read from next-auth. All else that it answers to a GET is a page of its own, or an error; its
 * `/auth/session` would set the cookie anew, with the id from before while that is being changed.
 */
const authReads = new Set(["/auth/csrf", "/auth/providers"]);

/** Where providers send people back to. */
const callback = /^\/auth\/callback\/(?!(?:password|link|code|ldap)$)[a-z0-9-]+$/;

function isAuthPage({ method, nextUrl }: NextRequest): boolean {
  const reads = method === "GET" || method === "HEAD";
  const { pathname, searchParams } = nextUrl;
  if (callback.test(pathname) && (searchParams.has("code") || searchParams.has("error"))) return false;
  return reads && pathname.startsWith("/auth/") && !authReads.has(pathname);
}

/** The sign-in page, which is the only page about signing in; it says so when something failed. */
function signInPage({ nextUrl, url }: NextRequest): URL {
  const target = new URL("/sign-in", url);
  const error = nextUrl.searchParams.get("error");
  if (error !== null) target.searchParams.set("error", error);
  return target;
}

/**
 * Gives each page its nonce and headers, and tells it its own path (for the way back after sign-in). The pages that
 * next-auth would draw by itself are not shown.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce);
  if (isAuthPage(request)) return protect(NextResponse.redirect(signInPage(request), 303), policy);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("x-path", request.nextUrl.pathname + request.nextUrl.search);
  headers.set("content-security-policy", policy);
  return protect(NextResponse.next({ request: { headers } }), policy);
}

export const config = {
  matcher: [{ source: "/((?!_next/static|_next/image|monaco/).*)" }],
};
