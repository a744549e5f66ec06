import { createHash, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { formOf, type Running, sendJson, serve } from "./listen.ts";

/** How a token is wrong. */
export type Flaw =
  | "none"
  | "nonce"
  | "issuer"
  | "audience"
  | "signature"
  | "unsigned"
  | "expired"
  | "subject"
  | "verifier";

export interface Ticket {
  readonly flaw: Flaw;
  readonly nonce: string;
  readonly challenge: string;
  readonly claims: Record<string, unknown>;
}

export const hostileClient = { id: "remote-claude", secret: "the secret at the hostile one" };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function sign(key: KeyObject, claims: object, algorithm: "RS256" | "none"): string {
  const text = `${part({ alg: algorithm, ...(algorithm === "none" ? {} : { kid: "k" }) })}.${part(claims)}`;
  if (algorithm === "none") return `${text}.`;
  return `${text}.${createSign("sha256").update(text).sign(key).toString("base64url")}`;
}

/** The authorization code says how the answer shall be wrong: the browser's part is played by the test. */
export const codeOf = (ticket: Ticket) => part(ticket);

/** A provider that answers what it is told to, wrong in one way at a time. */
export async function startHostileOidc(): Promise<Running & { issuer: string }> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const running = await serve(async (request, response, { pathname }) => {
    if (pathname === "/.well-known/openid-configuration") return sendJson(response, discovery(running.url));
    if (pathname === "/jwks") {
      return sendJson(response, {
        keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k", use: "sig", alg: "RS256" }],
      });
    }
    const form = await formOf(request);
    const ticket = JSON.parse(Buffer.from(form.get("code") ?? "", "base64url").toString()) as Ticket;
    const verifier = form.get("code_verifier") ?? "";
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    if (challenge !== ticket.challenge) return sendJson(response, { error: "invalid_grant" }, 400);
    const { flaw } = ticket;
    const key = flaw === "signature" ? stranger : privateKey;
    sendJson(response, {
      access_token: "of no use",
      token_type: "Bearer",
      expires_in: 60,
      id_token: sign(key, claimsOf(running.url, ticket), flaw === "unsigned" ? "none" : "RS256"),
    });
  });
  return { ...running, issuer: running.url };
}

const discovery = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
});

function claimsOf(issuer: string, { flaw, nonce, claims }: Ticket): object {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: flaw === "issuer" ? "http://127.0.0.1:1" : issuer,
    aud: flaw === "audience" ? "somebody-else" : hostileClient.id,
    ...(flaw === "subject" ? {} : { sub: "mallory" }),
    iat: flaw === "expired" ? now - 7200 : now,
    exp: flaw === "expired" ? now - 3600 : now + 300,
    nonce: flaw === "nonce" ? "another" : nonce,
    email: "mallory@example.org",
    email_verified: true,
    ...claims,
  };
}
