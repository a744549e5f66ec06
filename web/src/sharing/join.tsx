"use client";

import { AppError, acceptShareLink, lookAtShareLink, type SharedRole } from "@remote-claude/protocol";
import { LoaderCircleIcon } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { signInUrl } from "../lib/go-to-sign-in.ts";
import { tokenOf } from "../sign-in/link-token.ts";
import { roleMeanings, roleNames } from "./roles.ts";

/** The secret waits here, in this tab alone, while the person signs in. */
const storageKey = "remote-claude.join";

interface Found {
  secret: string;
  role: SharedRole;
  name: string;
  owner: string;
}

type Step =
  | { is: "busy" }
  | { is: "asking"; found: Found }
  | { is: "sign-in" }
  | { is: "failed"; error: string };

/** The api names the field of a body that it cannot read; a person has a link that was cut off. */
function wordsFor(error: unknown): string {
  const cut = error instanceof AppError && error.code === "bad_request";
  return cut ? "It is not complete. Copy the whole link, or ask for another one." : messageOf(error);
}

/** Takes the secret out of the address (or out of where it waited), so that neither a reload nor the history holds it. */
function takeSecret(): string | null {
  const given = tokenOf(window.location.hash);
  window.history.replaceState(window.history.state, "", window.location.pathname);
  const secret = given ?? window.sessionStorage.getItem(storageKey);
  window.sessionStorage.removeItem(storageKey);
  return secret;
}

/** Says where a link leads, and lets the person in when they want to. */
export function Join({ signedIn }: { signedIn: boolean }) {
  const started = useRef(false);
  const [step, setStep] = useState<Step>({ is: "busy" });

  // biome-ignore lint/correctness/useExhaustiveDependencies: once; the address holds the secret only the first time.
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    const secret = takeSecret();
    if (secret === null) {
      setStep({ is: "failed", error: "This address holds no link to a session." });
    } else if (signedIn) {
      void look(secret);
    } else {
      window.sessionStorage.setItem(storageKey, secret);
      setStep({ is: "sign-in" });
    }
  }, []);

  const fail = (error: unknown) => setStep({ is: "failed", error: wordsFor(error) });

  async function look(secret: string) {
    try {
      const { session, role } = await call(lookAtShareLink, { body: { secret } });
      setStep({ is: "asking", found: { secret, role, name: session.name, owner: session.owner.name } });
    } catch (error) {
      fail(error);
    }
  }

  async function accept(secret: string) {
    setStep({ is: "busy" });
    try {
      const { session } = await call(acceptShareLink, { body: { secret } });
      window.location.replace(`/sessions/${session.id}`);
    } catch (error) {
      fail(error);
    }
  }

  if (step.is === "failed") return <Failed error={step.error} />;
  if (step.is === "sign-in") return <SignInFirst />;
  if (step.is === "asking")
    return <Question found={step.found} onYes={() => void accept(step.found.secret)} />;
  return (
    <p className="flex items-center justify-center gap-2 py-3" role="status">
      <LoaderCircleIcon className="size-4 animate-spin text-muted-foreground" aria-hidden />
      Looking where the link leads…
    </p>
  );
}

function Question({ found, onYes }: { found: Found; onYes(): void }) {
  return (
    <div className="flex flex-col gap-4">
      <p>
        <strong className="break-words font-medium">{found.owner}</strong> invites you to the session{" "}
        <strong className="break-words font-medium">“{found.name}”</strong>.
      </p>
      <p className="text-muted-foreground">
        {roleNames[found.role]}: {roleMeanings[found.role]}. Everybody in it sees that you are there.
      </p>
      <div className="flex flex-col gap-2">
        <Button variant="primary" onClick={onYes}>
          Join the session
        </Button>
        <Button asChild>
          <Link href="/">Not now</Link>
        </Button>
      </div>
    </div>
  );
}

function SignInFirst() {
  return (
    <div className="flex flex-col gap-4">
      <p>Somebody invites you to a session. Sign in to see whose it is, and to join it.</p>
      <Button asChild variant="primary">
        <Link href={signInUrl("/join")}>Sign in</Link>
      </Button>
    </div>
  );
}

function Failed({ error }: { error: string }) {
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="destructive" title="This link did not let you in">
        {error}
      </Notice>
      <Button asChild variant="primary">
        <Link href="/">Go to your sessions</Link>
      </Button>
    </div>
  );
}
