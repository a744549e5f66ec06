"use client";

import { LoaderCircleIcon } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { signIn } from "../lib/auth-client.ts";
import { messageOf } from "../lib/errors.ts";
import { firstStep, tokenOf } from "./link-token.ts";

type Step = { is: "busy" } | { is: "asking"; token: string } | { is: "failed"; error: string };

interface LinkSignInProps {
  /** Who is signed in already, by e-mail address, or null. */
  signedInAs: string | null;
}

/**
 * Signs in with the token behind the `#`, which never reaches a server's log. Once: the token leaves the address
 * before it is used, so that neither a reload nor the history holds it.
 */
export function LinkSignIn({ signedInAs }: LinkSignInProps) {
  const started = useRef(false);
  const [step, setStep] = useState<Step>({ is: "busy" });

  function use(token: string) {
    setStep({ is: "busy" });
    signIn("link", { token }).then(
      () => window.location.replace("/"),
      (cause: unknown) => setStep({ is: "failed", error: messageOf(cause) }),
    );
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once; the address holds the token only the first time.
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    const token = tokenOf(window.location.hash);
    window.history.replaceState(window.history.state, "", window.location.pathname);
    const first = firstStep(token, signedInAs);
    if (token === null || first === "refuse") {
      setStep({ is: "failed", error: "This address holds no link to sign in with." });
    } else if (first === "ask") {
      setStep({ is: "asking", token });
    } else {
      use(token);
    }
  }, []);

  if (step.is === "failed") return <Failed error={step.error} signedIn={signedInAs !== null} />;
  if (step.is === "asking") return <Question signedInAs={signedInAs} onYes={() => use(step.token)} />;
  return (
    <p className="flex items-center justify-center gap-2 py-3" role="status">
      <LoaderCircleIcon className="size-4 animate-spin text-muted-foreground" aria-hidden />
      Signing you in…
    </p>
  );
}

function Question({ signedInAs, onYes }: LinkSignInProps & { onYes: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p>
        You are signed in as <strong className="break-words font-medium">{signedInAs}</strong>. Sign in as the
        link's person instead?
      </p>
      <p className="text-muted-foreground">
        Only if you know who gave you this link: what you do afterwards, you do under that person's name.
      </p>
      <div className="flex flex-col gap-2">
        <Button asChild variant="primary">
          <Link href="/">Stay signed in</Link>
        </Button>
        <Button onClick={onYes}>Sign in as the link's person</Button>
      </div>
    </div>
  );
}

function Failed({ error, signedIn }: { error: string; signedIn: boolean }) {
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="destructive" title="This link did not sign you in">
        {error}
      </Notice>
      <p className="text-muted-foreground">
        A link works once and only for a while.{" "}
        {signedIn
          ? "You are still signed in as before."
          : "Sign in as usual, or restart Remote Claude to get a new link."}
      </p>
      <Button asChild variant="primary">
        {signedIn ? (
          <Link href="/">Go to your sessions</Link>
        ) : (
          <Link href="/sign-in">To the sign-in page</Link>
        )}
      </Button>
    </div>
  );
}
