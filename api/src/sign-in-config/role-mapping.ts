import { OrganisationRole } from "@remote-claude/protocol";
import { ConfigError } from "@remote-claude/service/settings";

export interface GroupRule {
  /** The provider whose group counts; null: every one that speaks of groups. */
  readonly provider: string | null;
  readonly group: string;
}

/** Which groups make which role; null: roles are given by hand. */
export type RoleMapping = Readonly<Record<OrganisationRole, readonly GroupRule[]>> | null;

/**
 * `admin=group|group;auditor=provider:group;member=group`. Names may hold commas and `=`, as an LDAP name does; what
 * stands before a `:` binds the group to a provider where it is the id of one, and belongs to the name elsewhere.
 */
export function parseRoleMapping(text: string | undefined, providers: readonly string[]): RoleMapping {
  if (text === undefined) return null;
  const mapping: Record<OrganisationRole, GroupRule[]> = { admin: [], auditor: [], member: [] };
  for (const part of text.split(/[;\n]/).filter((entry) => entry.trim() !== "")) {
    const at = part.indexOf("=");
    const role = OrganisationRole.safeParse(part.slice(0, at).trim());
    const groups = part
      .slice(at + 1)
      .split("|")
      .map((group) => group.trim())
      .filter((group) => group !== "");
    if (at === -1 || !role.success || groups.length === 0) {
      throw new ConfigError(
        "ROLE_MAPPING: entries such as admin=group|group, for admin, auditor or member, with ; between them",
      );
    }
    mapping[role.data].push(...groups.map((group) => toRule(group, providers)));
  }
  return mapping;
}

function toRule(text: string, providers: readonly string[]): GroupRule {
  const provider = providers.find((id) => text.startsWith(`${id}:`));
  if (provider === undefined) return { provider: null, group: text };
  return { provider, group: text.slice(provider.length + 1).trim() };
}
