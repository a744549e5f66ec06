import * as z from "zod";
import { route } from "./route.ts";

/** The cookie by which a browser is known that began at an identity provider and comes back with a code. */
export function handOverCookieName(publicUrl: string): string {
  return publicUrl.startsWith("https:") ? "__Host-remote-claude.hand-over" : "remote-claude.hand-over";
}

/** A path of ours: `//host` and `/\host` would lead elsewhere. */
const OwnPath = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])[^\t\n\r\\]*$/, "a path of this installation");

export const samlLogin = route({
  method: "GET",
  path: "/api/auth/saml/login",
  summary: "Leads the browser to the SAML identity provider",
  needs: "nobody",
  scope: "any",
  query: z.object({ callbackUrl: OwnPath.default("/") }),
  answers: "text/plain",
  errors: ["not_found", "rate_limited"],
});

export const SamlForm = z.object({ SAMLResponse: z.string().min(1).max(500_000) });

export const samlAnswer = route({
  method: "POST",
  path: "/api/auth/saml/acs",
  summary: "Takes the SAML identity provider's answer from the browser (a form)",
  needs: "nobody",
  scope: "any",
  accepts: "application/x-www-form-urlencoded",
  crossSite: true,
  answers: "text/plain",
  errors: ["not_found", "bad_request", "rate_limited"],
});

export const getSamlMetadata = route({
  method: "GET",
  path: "/api/auth/saml/metadata",
  summary: "What the SAML identity provider must know of this installation",
  needs: "nobody",
  scope: "any",
  answers: "application/xml",
  errors: ["not_found"],
});

export const samlSignedOut = route({
  method: "GET",
  path: "/api/auth/saml/logout",
  summary: "Where the SAML identity provider leads the browser when somebody signs out, there or here",
  needs: "nobody",
  scope: "any",
  query: z.object({
    SAMLRequest: z.string().optional(),
    SAMLResponse: z.string().optional(),
    RelayState: z.string().optional(),
    SigAlg: z.string().optional(),
    Signature: z.string().optional(),
  }),
  answers: "text/plain",
  errors: ["not_found", "rate_limited"],
});

export const LogoutForm = z.object({ logout_token: z.string().min(1).max(20_000) });

export const backChannelLogout = route({
  method: "POST",
  path: "/api/auth/oidc/{providerId}/backchannel-logout",
  summary:
    "Takes an OpenID Connect provider's word that somebody signed out there (a form with logout_token)",
  needs: "nobody",
  scope: "any",
  params: z.object({ providerId: z.string().max(40) }),
  accepts: "application/x-www-form-urlencoded",
  crossSite: true,
  answers: "text/plain",
  errors: ["not_found", "bad_request", "rate_limited"],
});

export const signOutAtProvider = route({
  method: "GET",
  path: "/api/auth/provider-sign-out",
  summary: "Where to go after signing out so that the session at the provider ends, too; null: nowhere",
  needs: "signed-in",
  scope: "full",
  reply: z.object({ url: z.url().nullable() }),
});
