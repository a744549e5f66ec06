import type { Identity, OrganisationRole, SignInRefusal } from "@remote-claude/protocol";
import type { RoleMapping } from "../sign-in-config/index.ts";

/** What the installation says about who may come in. */
export interface Rules {
  /** Whether ALLOWED_DOMAINS lets this address in. */
  readonly allowsAddress: (email: string) => boolean;
  readonly adminEmail: string;
  readonly signUp: boolean;
  readonly roleMapping: RoleMapping;
  /**
   * Of a provider where anybody may found an organisation of any free name: those, in lower case, whose groups count.
   * One of them is needed; empty: none is, and no group counts. null: its groups are the organisation's own.
   */
  readonly organisations: readonly string[] | null;
}

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly role: OrganisationRole;
  readonly status: "active" | "disabled";
}

/** What the database knows of an identity. */
export interface Known {
  /** The account that this very identity was linked to before. */
  readonly linked: Account | null;
  /** The account with the identity's address; `taken`: another identity of the same provider is linked to it. */
  readonly sameAddress: (Account & { readonly taken: boolean }) | null;
  readonly invitation: { readonly id: string; readonly role: OrganisationRole } | null;
}

export type Decision =
  | { readonly kind: "refuse"; readonly reason: SignInRefusal }
  /** `link`: remember the identity; `role`: what the account becomes. */
  | {
      readonly kind: "sign-in";
      readonly account: Account;
      readonly link: boolean;
      readonly role: OrganisationRole;
    }
  | {
      readonly kind: "create";
      readonly email: string;
      readonly role: OrganisationRole;
      readonly invitationId: string | null;
    };

const refuse = (reason: SignInRefusal): Decision => ({ kind: "refuse", reason });

/**
 * Who somebody is here whom a provider vouches for. An identity that was linked stays linked, whatever its address
 * becomes; a new one is linked by a verified address alone, since whoever may invent addresses at their provider
 * would otherwise become anybody.
 */
export function decide(identity: Identity, known: Known, rules: Rules): Decision {
  const { organisations } = rules;
  if (organisations !== null && organisations.length > 0) {
    const theirs = new Set((identity.groups ?? []).map((group) => group.toLowerCase()));
    if (!organisations.some((group) => theirs.has(group))) return refuse("organisation-required");
  }
  const groups = groupsThatCount(identity, organisations);
  if (known.linked !== null) return letIn(known.linked, false, { ...identity, groups }, rules);
  const { email } = identity;
  if (email === null) return refuse("no-email");
  if (!identity.emailVerified) return refuse("email-unverified");
  if (known.sameAddress !== null) {
    // An address that was given to somebody new does not give them the old one's account.
    return known.sameAddress.taken
      ? refuse("linked-elsewhere")
      : letIn(known.sameAddress, true, { ...identity, groups }, rules);
  }
  if (!rules.allowsAddress(email)) return refuse("domain-not-allowed");
  const { invitation } = known;
  if (invitation === null && !rules.signUp) return refuse("not-invited");
  const role = roleOf({ ...identity, groups }, email, invitation?.role ?? "member", rules);
  if (role === null) return refuse("group-required");
  return { kind: "create", email, role, invitationId: invitation?.id ?? null };
}

/** `organisation` and `organisation/team`, of those that count. */
function groupsThatCount({ groups }: Identity, organisations: Rules["organisations"]): string[] | null {
  if (groups === null || organisations === null) return groups;
  return groups.filter((group) => organisations.includes(group.toLowerCase().replace(/\/.*$/s, "")));
}

/** Whose groups they are, and which of them count. */
type InGroups = Pick<Identity, "provider" | "groups">;

function letIn(account: Account, link: boolean, identity: InGroups, rules: Rules): Decision {
  if (account.status === "disabled") return refuse("disabled");
  if (!rules.allowsAddress(account.email)) return refuse("domain-not-allowed");
  const role = roleOf(identity, account.email, account.role, rules);
  return role === null ? refuse("group-required") : { kind: "sign-in", account, link, role };
}

/**
 * The role by the mapping, or the one they have where nothing maps; null: a group is needed and they are in none.
 * The admin of the settings stays one, or a mistake in the mapping would lock everybody out.
 */
function roleOf(
  { provider, groups }: InGroups,
  email: string,
  present: OrganisationRole,
  { roleMapping, adminEmail }: Rules,
): OrganisationRole | null {
  if (email === adminEmail) return "admin";
  if (roleMapping === null || groups === null) return present;
  const theirs = new Set(groups);
  const found = (["admin", "auditor", "member"] as const).find((role) =>
    roleMapping[role].some(
      (rule) => (rule.provider === null || rule.provider === provider) && theirs.has(rule.group),
    ),
  );
  if (found !== undefined) return found;
  return roleMapping.member.length === 0 ? "member" : null;
}
