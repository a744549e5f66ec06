import type { SharedRole } from "@remote-claude/protocol";
import { Email } from "@remote-claude/protocol";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { messageOf } from "../lib/errors.ts";
import { RoleSelect, roleMeanings, roleNames } from "./role-select.tsx";

/** Asks for a person's address and what they are to be. */
export function AddMemberForm({ onAdd }: { onAdd(email: string, role: SharedRole): Promise<unknown> }) {
  const id = useId();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<SharedRole>("viewer");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const address = Email.safeParse(email);
    if (!address.success) {
      setProblem("Write the e-mail address that they sign in with.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await onAdd(address.data, role);
      setEmail("");
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-1.5">
      <Label htmlFor={id}>Add a person</Label>
      <div className="flex flex-wrap gap-2">
        <Input
          id={id}
          type="email"
          autoComplete="off"
          placeholder="E-mail address"
          className="min-w-44 flex-1"
          value={email}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-about`}
          onChange={(event) => setEmail(event.target.value)}
        />
        <RoleSelect label="Role" value={role} onChange={setRole} />
        <Button type="submit" variant="primary" className="grow sm:grow-0" disabled={busy}>
          Add
        </Button>
      </div>
      <p
        id={`${id}-about`}
        role={problem === null ? undefined : "alert"}
        className={problem === null ? "text-muted-foreground text-xs" : "text-destructive text-xs"}
      >
        {problem ?? `${roleNames[role]}: ${roleMeanings[role]}.`}
      </p>
    </form>
  );
}
