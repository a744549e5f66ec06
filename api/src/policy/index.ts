import {
  OrganisationAbility,
  organisationAbilities,
  type SessionAbility,
  sessionAbilities,
} from "@remote-claude/protocol";
import type { Principal, SessionAccess } from "../context.ts";

/** What a person may do in the organisation: for the browser, which draws by it. */
export function organisationAbilitiesOf(principal: Pick<Principal, "role">): OrganisationAbility[] {
  return [...organisationAbilities[principal.role]];
}

/** What a person may do in a session: for the browser, which draws by it. */
export function sessionAbilitiesOf(access: Pick<SessionAccess, "role">): SessionAbility[] {
  return [...sessionAbilities[access.role]];
}

export function isOrganisationAbility(
  ability: OrganisationAbility | SessionAbility,
): ability is OrganisationAbility {
  return OrganisationAbility.safeParse(ability).success;
}

/**
 * Whether this person may do that. An ability of a session needs `access`, which only the owner and members have:
 * no role in the organisation opens somebody else's session.
 */
export function can(
  principal: Pick<Principal, "role">,
  ability: OrganisationAbility | SessionAbility,
  access: Pick<SessionAccess, "role"> | null = null,
): boolean {
  if (isOrganisationAbility(ability)) {
    return (organisationAbilities[principal.role] as readonly string[]).includes(ability);
  }
  return access !== null && (sessionAbilities[access.role] as readonly string[]).includes(ability);
}
