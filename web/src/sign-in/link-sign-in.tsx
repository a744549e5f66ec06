"use client";

import { LoaderCircleIcon } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { signIn } from "../lib/auth-client.ts";
import { messageOf } from "../lib/errors.ts";

/**
 * Signs in with the token behind the `#`, which never reaches a server's log. Once: the token leaves the address
 * before it is used, so that neither a reload nor the history holds it.
 */
export function LinkSignIn() {
  const started = useRef(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    const token = decodeURIComponent(window.location.hash.slice(1));
    window.history.replaceState(window.history.state, "", window.location.pathname);
    if (token === "") {
      setError("This address holds no link to sign in with.");
      return;
    }
    signIn("link", { token }).then(
      () => window.location.replace("/"),
      (cause: unknown) => setError(messageOf(cause)),
    );
  }, []);

  if (error === null) {
    return (
      <p className="flex items-center justify-center gap-2 py-3" role="status">
        <LoaderCircleIcon className="size-4 animate-spin text-muted-foreground" aria-hidden />
        Signing you in…
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="destructive" title="This link did not sign you in">
        {error}
      </Notice>
      <p className="text-muted-foreground">
        A link works once and only for a while. Sign in with your password, or restart Remote Claude to get a
        new link.
      </p>
      <Button asChild variant="primary">
        <Link href="/sign-in">Sign in with a password</Link>
      </Button>
    </div>
  );
}
