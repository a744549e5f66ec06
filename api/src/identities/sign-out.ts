import type { Context, Principal } from "../context.ts";
import type { OidcConfig } from "../sign-in-config/index.ts";
import { discover } from "./oidc-discovery.ts";
import { openProviderSession } from "./provider-session.ts";
import { samlSignOutUrl } from "./saml.ts";

/** Where to go after sign-out so that the session at the provider ends, too; null: there is nowhere to go. */
export async function findSignOutUrl(context: Context, principal: Principal): Promise<string | null> {
  if (principal.via.kind !== "sign-in") return null;
  const row = await context.db.signIn.findUnique({ where: { id: principal.via.id } });
  if (row?.providerSession == null) return null;
  const session = openProviderSession(context, row.providerSession);
  const { saml, oidc } = context.config.signIn;
  try {
    if (session?.kind === "saml") {
      return saml === null ? null : await samlSignOutUrl(context, saml, session);
    }
    const provider = oidc.find(({ id }) => id === session?.provider);
    if (session === null || provider === undefined) return null;
    return await oidcSignOutUrl(context, provider, session.idToken);
  } catch (error) {
    // Signing out here must not depend on them.
    context.log.warn({ err: error }, "the provider's sign-out is not to be had");
    return null;
  }
}

async function oidcSignOutUrl(
  { config }: Context,
  provider: OidcConfig,
  idToken: string,
): Promise<string | null> {
  const { end_session_endpoint: endpoint } = await discover(provider);
  if (endpoint === undefined) return null;
  const url = new URL(endpoint);
  url.searchParams.set("id_token_hint", idToken);
  url.searchParams.set("client_id", provider.clientId);
  url.searchParams.set("post_logout_redirect_uri", `${config.publicUrl}/sign-in`);
  return url.href;
}
