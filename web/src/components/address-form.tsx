import { Email } from "@remote-claude/protocol";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { messageOf } from "../lib/errors.ts";
import { Button } from "./ui/button.tsx";
import { Input } from "./ui/input.tsx";
import { Label } from "./ui/label.tsx";

interface AddressFormProps {
  readonly label: string;
  /** What the button says. */
  readonly action: string;
  /** Said when what was written is no address. */
  readonly whatIsMissing: string;
  readonly about?: string;
  /** What else is chosen: role, how long. */
  readonly children: ReactNode;
  onSubmit(email: string): Promise<unknown>;
}

/** Asks for a person's address, and does something with it. */
export function AddressForm({ label, action, whatIsMissing, about, children, onSubmit }: AddressFormProps) {
  const id = useId();
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const address = Email.safeParse(email);
    if (!address.success) {
      setProblem(whatIsMissing);
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit(address.data);
      setEmail("");
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  const below = problem ?? about;
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      <div className="flex flex-wrap gap-2">
        <Input
          id={id}
          type="email"
          autoComplete="off"
          placeholder="E-mail address"
          className="min-w-44 flex-1"
          value={email}
          aria-invalid={problem !== null}
          aria-describedby={below === undefined ? undefined : `${id}-about`}
          onChange={(event) => setEmail(event.target.value)}
        />
        {children}
        <Button type="submit" variant="primary" className="grow sm:grow-0" disabled={busy}>
          {action}
        </Button>
      </div>
      {below !== undefined && (
        <p
          id={`${id}-about`}
          role={problem === null ? undefined : "alert"}
          className={problem === null ? "text-muted-foreground text-xs" : "text-destructive text-xs"}
        >
          {below}
        </p>
      )}
    </form>
  );
}
