import { OrganisationRole } from "@remote-claude/protocol";
import { ConfigError } from "@remote-claude/service/settings";

/** Which groups make which role; null: roles are given by hand. */
export type RoleMapping = Readonly<Record<OrganisationRole, readonly string[]>> | null;

/** `admin=group|group;auditor=group;member=group`. Names may hold commas and `=`, as an LDAP name does. */
export function parseRoleMapping(text: string | undefined): RoleMapping {
  if (text === undefined) return null;
  const mapping: Record<OrganisationRole, string[]> = { admin: [], auditor: [], member: [] };
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
    mapping[role.data].push(...groups);
  }
  return mapping;
}
