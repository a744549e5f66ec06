import { AppError, type SignInRefusal } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { guardLink, type SignInSource } from "../auth/index.ts";
import type { Context } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import { hashOfSession, sealProviderSession } from "./provider-session.ts";
import { readSamlAnswer, type SamlAnswer, samlSignInUrl } from "./saml.ts";
import { admit } from "./service.ts";

/** The code is used by the page that the browser is led to at once. */
const codeMs = 60_000;

export function samlOf({ config }: Context) {
  if (config.signIn.saml === null) throw new AppError("not_found", "There is no SAML here.");
  return config.signIn.saml;
}

/** Begins: where to go, and the cookie by which the browser is known when it comes back. */
export async function beginSaml(context: Context, goTo: string): Promise<{ url: string; binding: string }> {
  const binding = randomSecret();
  const url = await samlSignInUrl(context, samlOf(context), { binding: sha256(binding), goTo });
  return { url, binding };
}

export type SamlEnd =
  | { readonly kind: "code"; readonly code: string; readonly goTo: string }
  | { readonly kind: "refused"; readonly reason: SignInRefusal | "saml" };

/**
 * Takes the identity provider's answer, which another site's page sends, so that no cookie of ours is with it: the
 * person is signed in by a code instead, which counts only in the browser that began.
 */
export async function endSaml(context: Context, response: string, source: SignInSource): Promise<SamlEnd> {
  const config = samlOf(context);
  const attempt = await guardLink(context, source);
  let answer: SamlAnswer;
  try {
    answer = await readSamlAnswer(context, config, response);
  } catch (error) {
    context.log.warn({ err: error }, "an answer by SAML was refused");
    await record(context.db, {
      action: "sign-in.failed",
      result: "refused",
      actor: { kind: "user", userId: null, ...source },
      details: { method: "saml", reason: error instanceof Error ? error.message : "unknown" },
    });
    return { kind: "refused", reason: "saml" };
  }
  await attempt.succeeded();
  return makeCode(context, answer, source);
}

async function makeCode(
  context: Context,
  { identity, session, request }: SamlAnswer,
  source: SignInSource,
): Promise<SamlEnd> {
  const code = randomSecret();
  const now = context.clock.now();
  return context.db.$transaction(async (transaction): Promise<SamlEnd> => {
    const user = await admit(context, transaction, identity, source);
    if (typeof user === "string") return { kind: "refused", reason: user };
    await transaction.signInLink.create({
      data: {
        hash: sha256(code),
        userId: user.id,
        purpose: "code",
        method: identity.provider,
        providerSession: sealProviderSession(context, session),
        providerSessionHash:
          session.sessionIndex === undefined
            ? null
            : hashOfSession(context, identity.provider, session.sessionIndex),
        binding: request.binding,
        createdAt: now,
        expiresAt: new Date(now.getTime() + codeMs),
      },
    });
    return { kind: "code", code, goTo: request.goTo };
  });
}
