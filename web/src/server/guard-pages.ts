import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * What a page may load. Scripts need this answer's nonce, which Next puts on its own; styles may be inline,
 * because Monaco and xterm write theirs while they run.
 */
function contentSecurityPolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
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

/**
 * What our pages read from next-auth. All else that it answers to a GET is a page of its own, or an error; its
 * `/auth/session` would set the cookie anew, with the id from before while that is being changed.
 */
const authReads = new Set(["/auth/csrf", "/auth/providers"]);

/** Where providers send people back to. */
const callback = /^\/auth\/callback\/(?!(?:password|link|code|ldap)$)[a-z0-9-]+$/;

function isAuthPage(method: string | undefined, { pathname, searchParams }: URL): boolean {
  const reads = method === "GET" || method === "HEAD";
  if (callback.test(pathname) && (searchParams.has("code") || searchParams.has("error"))) return false;
  return reads && pathname.startsWith("/auth/") && !authReads.has(pathname);
}

/** The sign-in page, which is the only page about signing in; it says so when something failed. */
function signInPage({ searchParams }: URL): string {
  const error = searchParams.get("error");
  return error === null ? "/sign-in" : `/sign-in?${new URLSearchParams({ error })}`;
}

/** Scripts, styles and workers: what serve-static.ts leaves to Next. */
const files = /^\/(?:_next\/(?:static|image)|monaco)\//;

/**
 * Gives each page its nonce and headers, and tells it its own path (for the way back after sign-in). The pages that
 * next-auth would draw by itself are not shown: true says that the request was answered. Here and not in a `proxy.ts`
 * of Next's, which wraps each request and answer anew. `dev`: pages may evaluate text, which reloading needs.
 */
export function guardPages({ dev }: { dev: boolean }) {
  return (request: IncomingMessage, response: ServerResponse): boolean =>
    !files.test(request.url ?? "") && guard(request, response, dev);
}

function guard(request: IncomingMessage, response: ServerResponse, dev: boolean): boolean {
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce, dev);
  response.setHeader("content-security-policy", policy);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("permissions-policy", "camera=(), microphone=(), geolocation=()");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  // Only its path and query are looked at.
  const url = URL.parse(request.url ?? "/", "http://page") ?? new URL("http://page");
  if (isAuthPage(request.method, url)) {
    response.writeHead(303, { location: signInPage(url) }).end();
    return true;
  }
  // Next's own, which the address bar never has.
  url.searchParams.delete("_rsc");
  request.headers["x-nonce"] = nonce;
  request.headers["x-path"] = url.pathname + url.search;
  request.headers["content-security-policy"] = policy;
  return false;
}
