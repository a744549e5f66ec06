import { findAddress, type Identity, type InternalSignInProviders } from "@remote-claude/protocol";

type Oidc = InternalSignInProviders["oidc"][number];
type Claims = Readonly<Record<string, unknown>>;

const textOf = (value: unknown) => (typeof value === "string" && value.trim() !== "" ? value.trim() : null);

/** `a.b` finds `{ a: { b } }`, and a claim that has the dot in its name first. */
function claimAt(claims: Claims, path: string): unknown {
  if (path in claims) return claims[path];
  let value: unknown = claims;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Claims)[key];
  }
  return value;
}

/** A list, or the one group that some providers write without a list. Without the claim: in no group. */
function groupsAt(claims: Claims, path: string | null): string[] | null {
  if (path === null) return null;
  const value = claimAt(claims, path);
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((group) => typeof group === "string") : [];
}

/** Who the claims of a checked id token (and the userinfo that belongs to it) say this is. */
export function identityOfClaims(provider: Oidc, claims: Claims): Identity {
  return {
    provider: provider.id,
    subject: String(claims.sub),
    email: findAddress(textOf(claims.email)),
    // Some write it as text. What is not said is not so.
    emailVerified: provider.trustEmail || claims.email_verified === true || claims.email_verified === "true",
    name: (textOf(claims.name) ?? textOf(claims.preferred_username))?.slice(0, 200) ?? null,
    groups: groupsAt(claims, provider.groupsClaim)?.slice(0, 2000) ?? null,
  };
}

/** What of GitHub's answers is looked at. */
export interface GithubProfile {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly email: string | null;
  /** Organisations, and teams as organisation/team. */
  readonly groups: readonly string[];
}

export function identityOfGithub(profile: GithubProfile): Identity {
  return {
    provider: "github",
    subject: String(profile.id),
    email: findAddress(profile.email),
    // Only an address that GitHub has verified comes this far.
    emailVerified: profile.email !== null,
    name: textOf(profile.name) ?? profile.login,
    groups: [...profile.groups],
  };
}
