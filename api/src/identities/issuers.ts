import type { Context } from "../context.ts";
import { findKnownSamlIdp } from "./saml-provider.ts";

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/**
 * Who stands behind a provider's id: the same id pointed at somebody else names other people, whatever it calls them.
 * null: no such provider is set up, or it has not said yet who it is.
 */
export function findIssuer(context: Context, provider: string): string | null {
  const { oidc, github, saml, ldap } = context.config.signIn;
  if (provider === "github") return github?.url ?? null;
  if (provider === "saml") return saml === null ? null : (findKnownSamlIdp(context, saml)?.issuer ?? null);
  // A directory is reached at many addresses; its tree has one name.
  if (provider === "ldap") return ldap?.baseDn.toLowerCase().replaceAll(/\s*([,=])\s*/g, "$1") ?? null;
  const found = oidc.find(({ id }) => id === provider);
  return found === undefined ? null : withoutSlash(found.issuer);
}

/** What an identity has that was linked before issuers were kept; it gets its issuer at the next start or sign-in. */
export const unknownIssuer = "";

/** Writes the issuers of identities that were linked before they were kept. */
export async function adoptIdentities(context: Context): Promise<void> {
  const { oidc } = context.config.signIn;
  for (const provider of [...oidc.map(({ id }) => id), "github", "saml", "ldap"]) {
    const issuer = findIssuer(context, provider);
    if (issuer === null) continue;
    await context.db.$executeRaw`
      update user_identities i set issuer = ${issuer}
      where i.provider = ${provider} and i.issuer = ${unknownIssuer} and not exists (
        select 1 from user_identities o
        where o.provider = i.provider and o.issuer = ${issuer} and o.subject = i.subject)`;
  }
}
