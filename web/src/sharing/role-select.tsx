import type { SessionRole, SharedRole } from "@remote-claude/protocol";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../components/ui/select.tsx";

/** What one is in a session, in a word. */
export const roleNames: Record<SessionRole, string> = { owner: "Owner", editor: "Editor", viewer: "Viewer" };

/** What that means, in a line. */
export const roleMeanings: Record<SharedRole, string> = {
  editor: "may do everything but share and delete",
  viewer: "sees everything live, changes nothing",
};

export const sharedRoles = ["viewer", "editor"] as const satisfies readonly SharedRole[];

export function RoleSelect({
  value,
  onChange,
  label,
}: {
  value: SharedRole;
  onChange(role: SharedRole): void;
  label: string;
}) {
  return (
    <Select value={value} onValueChange={(role) => onChange(role as SharedRole)}>
      <SelectTrigger aria-label={label}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {sharedRoles.map((role) => (
          <SelectItem key={role} value={role}>
            {roleNames[role]}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
