"use client";

import { secondFactorNeeded } from "@remote-claude/protocol";
import { LoaderCircleIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { signIn } from "../lib/auth-client.ts";
import { messageOf } from "../lib/errors.ts";
import { useIsAlive } from "../lib/use-is-alive.ts";
import { rememberProvider } from "./last-provider.ts";

/** With what: an account of this installation, or one of the organisation's directory. */
export type CredentialsKind = "password" | "ldap";

interface CredentialsFormProps {
  kind: CredentialsKind;
  /** What the directory is called. */
  ldapName: string;
  /** Where to go afterwards; already known to be ours. */
  goTo: string;
  autoFocus: boolean;
}

export function CredentialsForm({ kind, ldapName, goTo, autoFocus }: CredentialsFormProps) {
  const alive = useIsAlive();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [asksCode, setAsksCode] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, String(value)] as const),
    );
    setBusy(true);
    setError(null);
    try {
      await signIn(kind, fields);
      rememberProvider(kind);
      // A whole new page: everything that was loaded belonged to nobody.
      window.location.assign(goTo);
    } catch (cause) {
      const message = messageOf(cause);
      setBusy(false);
      if (message === secondFactorNeeded && !asksCode) {
        setAsksCode(true);
        return;
      }
      setError(message);
      form.querySelector<HTMLInputElement>("input[name=secondFactor], input[name=password]")?.select();
    }
  }

  return (
    // By `post`, should anything send it before our scripts run: what was typed never stands in an address.
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" aria-label="Sign in">
      {error !== null && <Notice tone="destructive" title={error} />}
      {/* Hidden and not gone: what was typed is sent again with the code. */}
      <div className={asksCode ? "hidden" : "contents"}>
        <NameAndPassword kind={kind} ldapName={ldapName} autoFocus={autoFocus} />
      </div>
      {asksCode && <SecondFactorField />}
      <Button
        type="submit"
        variant="primary"
        size="lg"
        disabled={busy || !alive}
        className={alive ? undefined : "disabled:opacity-100"}
      >
        {busy && <LoaderCircleIcon className="animate-spin" />}
        {asksCode ? "Verify" : "Sign in"}
      </Button>
    </form>
  );
}

function NameAndPassword({
  kind,
  ldapName,
  autoFocus,
}: Pick<CredentialsFormProps, "kind" | "ldapName" | "autoFocus">) {
  return (
    <>
      {kind === "ldap" && (
        <p className="text-muted-foreground">
          Use <span className="text-foreground">{ldapName}</span>.
        </p>
      )}
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="email">{kind === "ldap" ? "User name" : "E-mail"}</Label>
        <Input
          id="email"
          name={kind === "ldap" ? "login" : "email"}
          type={kind === "ldap" ? "text" : "email"}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus={autoFocus}
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
    </>
  );
}

function SecondFactorField() {
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor="second-factor">Code</Label>
      <Input
        id="second-factor"
        name="secondFactor"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={40}
        required
        autoFocus
        className="h-9 font-mono tracking-widest"
      />
      <p className="text-muted-foreground text-xs">
        The six digits of your authenticator app, or one of your recovery codes.
      </p>
    </div>
  );
}
