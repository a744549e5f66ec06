"use client";

import { LoaderCircleIcon } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { signIn } from "../lib/auth-client.ts";
import { tokenOf } from "./link-token.ts";

/** Signs in with the code behind the `#`, which leaves the address before it is used. */
export function CodeSignIn({ goTo }: { goTo: string }) {
  const started = useRef(false);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    if (started.current) return;
    started.current = true;
    const token = tokenOf(window.location.hash);
    window.history.replaceState(window.history.state, "", window.location.pathname);
    if (token === null) {
      setFailed(true);
      return;
    }
    signIn("code", { token }).then(
      () => window.location.replace(goTo),
      () => setFailed(true),
    );
  }, [goTo]);

  if (!failed) {
    return (
      <p className="flex items-center justify-center gap-2 py-3" role="status">
        <LoaderCircleIcon className="size-4 animate-spin text-muted-foreground" aria-hidden />
        Signing you in…
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="destructive" title="The sign-in was not completed in this browser">
        Begin again from the sign-in page.
      </Notice>
      <Button asChild size="lg">
        <Link href="/sign-in">Back to sign-in</Link>
      </Button>
    </div>
  );
}
