import type { SharedRole } from "@remote-claude/protocol";
import { useState } from "react";
import { AddressForm } from "../components/address-form.tsx";
import { RoleSelect } from "./role-select.tsx";
import { roleMeanings, roleNames } from "./roles.ts";

/** Asks for a person's address and what they are to be. */
export function AddMemberForm({ onAdd }: { onAdd(email: string, role: SharedRole): Promise<unknown> }) {
  const [role, setRole] = useState<SharedRole>("viewer");
  return (
    <AddressForm
      label="Add a person"
      action="Add"
      whatIsMissing="Write the e-mail address that they sign in with."
      about={`${roleNames[role]}: ${roleMeanings[role]}.`}
      onSubmit={(email) => onAdd(email, role)}
    >
      <RoleSelect label="Role" value={role} onChange={setRole} />
    </AddressForm>
  );
}
