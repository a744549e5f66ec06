import type { SignInConfig } from "../sign-in-config/index.ts";

/** What of the settings is allowed, and yet to be thought about; for the admins' page. */
export function signInWarnings(config: SignInConfig): string[] {
  return [...groupsOfSeveral(config), ...trustedAddresses(config)];
}

/** A group of the same name at another provider, whoever made it there, gives the same role. */
function groupsOfSeveral({ roleMapping, oidc, github, saml, ldap }: SignInConfig): string[] {
  if (roleMapping === null) return [];
  const speaking = [
    ...oidc.filter(({ groupsClaim }) => groupsClaim !== null).map(({ id }) => id),
    ...(github !== null && github.organisations.length > 0 ? ["github"] : []),
    ...(saml !== null && saml.attributes.groups !== null ? ["saml"] : []),
    ...(ldap === null ? [] : ["ldap"]),
  ];
  const unbound = Object.values(roleMapping)
    .flat()
    .filter(({ provider }) => provider === null)
    .map(({ group }) => group);
  if (speaking.length < 2 || unbound.length === 0) return [];
  return [
    `In ROLE_MAPPING, ${unbound.join(", ")} ${unbound.length === 1 ? "is a group" : "are groups"} of any provider that speaks of groups (${speaking.join(", ")}): whoever can make a group of that name at one of them gives the role. Write ${speaking[0]}:${unbound[0]} to bind a group to one provider.`,
  ];
}

function trustedAddresses({ oidc, ldap }: SignInConfig): string[] {
  const trusted = oidc
    .filter(({ trustEmail }) => trustEmail)
    .map(({ id, name }) => ({ name: `${name} (${id})`, off: "trustEmail" }));
  if (ldap?.trustEmail) trusted.push({ name: "the directory", off: "LDAP_TRUST_EMAIL" });
  return trusted.map(
    ({ name, off }) =>
      `All e-mail addresses of ${name} count as verified: people must not be able to write their own there, or they sign in to the account of whoever has that address here. ${off} turns it off.`,
  );
}
