import type { SharedRole } from "@remote-claude/protocol";
import { Choice } from "../components/choice.tsx";
import { roleNames, sharedRoles } from "./roles.ts";

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
    <Choice
      label={label}
      value={value}
      options={sharedRoles.map((role) => [role, roleNames[role]] as const)}
      onChange={onChange}
    />
  );
}
