"use client";

import { LoaderCircleIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { signIn } from "../lib/auth-client.ts";
import { messageOf } from "../lib/errors.ts";

interface PasswordFormProps {
  /** Where to go afterwards; already known to be ours. */
  goTo: string;
  /** Whether this installation lets people sign in with a password. */
  password: boolean;
  /** Whether the api answered. */
  available: boolean;
  /** next-auth sent the person back with an error. */
  failed: boolean;
}

export function PasswordForm({ goTo, password, available, failed }: PasswordFormProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(failed ? "Sign-in failed. Try again." : null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setBusy(true);
    setError(null);
    try {
      await signIn("password", {
        email: String(fields.get("email")),
        password: String(fields.get("password")),
      });
      // A whole new page: everything that was loaded belonged to nobody.
      window.location.assign(goTo);
    } catch (cause) {
      setError(messageOf(cause));
      setBusy(false);
      form.querySelector<HTMLInputElement>("input[name=password]")?.select();
    }
  }

  if (!password) {
    return (
      <Notice tone="info" title="Sign in with a link">
        Open the address that <code className="font-mono text-xs">npm start</code> printed: it signs you in
        once.
      </Notice>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" aria-label="Sign in">
      {!available && (
        <Notice tone="warning" title="The server is not ready yet">
          It may still be starting. Reload this page in a moment.
        </Notice>
      )}
      {error !== null && <Notice tone="destructive" title={error} />}
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="email">E-mail</Label>
        <Input
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          className="h-9"
        />
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="password">Password</Label>
        <Input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          className="h-9"
        />
      </div>
      <Button type="submit" variant="primary" size="lg" disabled={busy}>
        {busy && <LoaderCircleIcon className="animate-spin" />}
        Sign in
      </Button>
    </form>
  );
}
