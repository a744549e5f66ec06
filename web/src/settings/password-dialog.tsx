import { changePassword, minPasswordLength } from "@remote-claude/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../components/ui/dialog.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { toast } from "../lib/toast.ts";

interface PasswordDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  onChanged(): void;
}

/** Changes the password; whoever knew the old one is out. */
export function PasswordDialog({ open, onOpenChange, onChanged }: PasswordDialogProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const password = String(fields.get("password"));
    if (password !== String(fields.get("again"))) {
      setError("The two new passwords are not the same.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const revokeTokens = fields.get("tokens") !== null;
      await call(changePassword, {
        body: { current: String(fields.get("current")), password, revokeTokens },
      });
      toast.success("Your password is changed. Everywhere else you are signed out.");
      void queries.invalidateQueries({ queryKey: ["tokens"] });
      onChanged();
      onOpenChange(false);
    } catch (cause) {
      setError(messageOf(cause));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <DialogHeader>
            <DialogTitle>Change your password</DialogTitle>
            <DialogDescription>
              At least {minPasswordLength} characters; several words are easier to remember than signs.
            </DialogDescription>
          </DialogHeader>
          {error !== null && <Notice tone="destructive" title={error} />}
          <PasswordField id="current" label="Present password" autoComplete="current-password" />
          <PasswordField
            id="password"
            label="New password"
            autoComplete="new-password"
            minLength={minPasswordLength}
          />
          <PasswordField
            id="again"
            label="New password again"
            autoComplete="new-password"
            minLength={minPasswordLength}
          />
          <label className="flex items-center gap-2">
            <input type="checkbox" name="tokens" className="accent-[var(--primary)]" />
            Revoke my personal access tokens, too
          </label>
          <p className="text-muted-foreground text-xs">
            Other browsers, and devices that you allowed a token, are signed out in any case.
          </p>
          <DialogFooter>
            <Button onClick={() => onOpenChange(false)}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={busy}>
              Change password
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

export function PasswordField({
  id,
  label,
  autoComplete,
  minLength,
}: {
  id: string;
  label: string;
  autoComplete: "current-password" | "new-password";
  minLength?: number;
}) {
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={`${id}-field`}>{label}</Label>
      <Input
        id={`${id}-field`}
        name={id}
        type="password"
        autoComplete={autoComplete}
        required
        {...(minLength === undefined ? {} : { minLength })}
      />
    </div>
  );
}
