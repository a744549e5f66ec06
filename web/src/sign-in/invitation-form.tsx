"use client";

import {
  acceptInvitation,
  lookAtInvitation,
  minPasswordLength,
  type PublicConfig,
} from "@remote-claude/protocol";
import { LoaderCircleIcon } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { z } from "zod";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { useLastProvider } from "./last-provider.ts";
import { tokenOf } from "./link-token.ts";
import { ProviderButtons } from "./provider-buttons.tsx";

type Invited = z.infer<NonNullable<typeof lookAtInvitation.reply>>;

/** Behind an invitation's link: with the organisation, or with a password of one's own. */
export function InvitationForm({ providers }: { providers: PublicConfig["signIn"]["providers"] }) {
  const started = useRef(false);
  const last = useLastProvider();
  const [token, setToken] = useState("");
  const [invited, setInvited] = useState<Invited | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    if (started.current) return;
    started.current = true;
    const found = tokenOf(window.location.hash);
    window.history.replaceState(window.history.state, "", window.location.pathname);
    if (found === null) {
      setError("This address holds no invitation.");
      return;
    }
    setToken(found);
    call(lookAtInvitation, { body: { token: found }, signInAgain: false }).then(
      setInvited,
      (cause: unknown) => setError(messageOf(cause)),
    );
  }, []);

  if (error !== null) {
    return (
      <div className="flex flex-col gap-4">
        <Notice tone="destructive" title={error}>
          Ask who invited you for another.
        </Notice>
        <Button asChild size="lg">
          <Link href="/sign-in">To the sign-in page</Link>
        </Button>
      </div>
    );
  }
  if (invited === null) {
    return (
      <p className="flex items-center justify-center gap-2 py-3" role="status">
        <LoaderCircleIcon className="size-4 animate-spin text-muted-foreground" aria-hidden />
        Opening the invitation…
      </p>
    );
  }
  const buttons = providers.filter(({ kind }) => kind !== "ldap");
  return (
    <div className="flex flex-col gap-4">
      <p>
        You are invited as <strong className="break-all font-medium">{invited.email}</strong>.
      </p>
      {buttons.length > 0 && <ProviderButtons providers={buttons} last={last} goTo="/" />}
      {buttons.length < providers.length && (
        <Button asChild size="lg">
          <Link href="/sign-in">Sign in with your organisation's account</Link>
        </Button>
      )}
      {invited.password && <AccountForm token={token} email={invited.email} />}
    </div>
  );
}

function AccountForm({ token, email }: { token: string; email: string }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const body = { token, name: String(fields.get("name")), password: String(fields.get("password")) };
    setBusy(true);
    setError(null);
    try {
      await call(acceptInvitation, { body, signInAgain: false });
      // A whole new page: everything that was loaded belonged to nobody.
      window.location.assign("/");
    } catch (cause) {
      setError(messageOf(cause));
      setBusy(false);
    }
  }

  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" aria-label="Make your account">
      {error !== null && <Notice tone="destructive" title={error} />}
      {/* For password managers, which keep the two together. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="name">Your name</Label>
        <Input id="name" name="name" autoComplete="name" maxLength={100} required className="h-9" />
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="new-password">Choose a password</Label>
        <Input
          id="new-password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={minPasswordLength}
          required
          className="h-9"
        />
        <p className="text-muted-foreground text-xs">At least {minPasswordLength} characters.</p>
      </div>
      <Button type="submit" variant="primary" size="lg" disabled={busy}>
        {busy && <LoaderCircleIcon className="animate-spin" />}
        Make your account
      </Button>
    </form>
  );
}
