import {
  allowsScope,
  type NeededScope,
  OrganisationAbility,
  organisationAbilities,
  SessionAbility,
  sessionAbilities,
} from "@remote-claude/protocol";
import type { Principal, SessionAccess } from "../context.ts";

/** A person's part in a session, as far as it says what they may do. */
export type SessionPart = Pick<SessionAccess, "role" | "mayAnswer">;

/** What a person may do in the organisation: for the browser, which draws by it. */
export function organisationAbilitiesOf(principal: Pick<Principal, "role">): OrganisationAbility[] {
  return [...organisationAbilities[principal.role]];
}

/** What a person may do in a session: for the browser, which draws by it. */
export function sessionAbilitiesOf(part: SessionPart): SessionAbility[] {
  return SessionAbility.options.filter((ability) => mayInSession(part, ability));
}

/** Who answers Claude's questions is the owner's to decide, for each person apart from their role. */
function mayInSession({ role, mayAnswer }: SessionPart, ability: SessionAbility): boolean {
  if (ability === "session.answer" && mayAnswer !== null && role !== "owner") return mayAnswer;
  return (sessionAbilities[role] as readonly string[]).includes(ability);
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
  access: SessionPart | null = null,
): boolean {
  if (isOrganisationAbility(ability)) {
    return (organisationAbilities[principal.role] as readonly string[]).includes(ability);
  }
  return access !== null && mayInSession(access, ability);
}

/** Whether what this person came with reaches that far: a token may be limited to some scopes. */
export function reaches({ via }: Pick<Principal, "via">, scope: NeededScope): boolean {
  return via.kind === "sign-in" || allowsScope(via.scopes, scope);
}

/** What somebody is told whose token does not reach. */
export function beyondToken(scope: NeededScope): string {
  return scope === "full"
    ? "This token is limited to some scopes, and none of them allows this."
    : `This token lacks the scope ${scope}.`;
}
