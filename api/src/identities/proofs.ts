import type { InternalSignInRequest } from "@remote-claude/protocol";
import {
  type FromProvider,
  type SignedIn,
  type SignInSource,
  signInByCode,
  signInByLink,
  signInByPassword,
} from "../auth/index.ts";
import type { Context } from "../context.ts";
import { signInByLdap } from "./ldap-sign-in.ts";
import { hashOfSession, sealProviderSession, sessionOfIdToken } from "./provider-session.ts";
import { signInWithIdentity } from "./service.ts";

/** Checks whatever proof web hands over, and makes the sign-in. */
export function signInByProof(
  context: Context,
  proof: InternalSignInRequest["proof"],
  source: SignInSource,
): Promise<SignedIn> {
  switch (proof.kind) {
    case "password":
      return signInByPassword(context, proof, source);
    case "link":
      return signInByLink(context, proof.token, source);
    case "code":
      return signInByCode(context, proof, source);
    case "ldap":
      return signInByLdap(context, proof, source);
    case "identity": {
      const { identity, idToken } = proof;
      return signInWithIdentity(
        context,
        identity,
        source,
        idToken === null ? undefined : oidcSession(context, identity.provider, idToken),
      );
    }
  }
}

function oidcSession(context: Context, provider: string, idToken: string): FromProvider {
  const session = sessionOfIdToken(idToken);
  return {
    session: sealProviderSession(context, { kind: "oidc", provider, idToken }),
    sessionHash: session === null ? null : hashOfSession(context, provider, session),
  };
}
