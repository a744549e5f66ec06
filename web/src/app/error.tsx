"use client";

import { useEffect } from "react";
import { BrandMark } from "../components/brand.tsx";
import { Button } from "../components/ui/button.tsx";

/**
 * What the server throws carries a digest: mostly the api is restarting, so the page asks again by itself every few
 * seconds, as long as it is looked at. What has none broke in the browser, where trying again by itself would loop.
 */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  const fromServer = error.digest !== undefined;
  useEffect(() => {
    if (!fromServer) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") window.location.reload();
    }, 5000);
    return () => clearInterval(timer);
  }, [fromServer]);
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-4 px-4 text-center">
      <BrandMark className="size-10" />
      <h1 className="font-semibold text-lg">
        {fromServer ? "The server does not answer" : "This page ran into an error"}
      </h1>
      <p className="max-w-sm text-muted-foreground">
        {fromServer
          ? "It may be restarting. Your sessions go on meanwhile; this page tries again by itself."
          : "Your sessions go on meanwhile, and what was saved is kept. Reload the page to continue."}
      </p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        {fromServer ? "Try again now" : "Reload"}
      </Button>
      {!fromServer && <p className="max-w-lg font-mono text-muted-foreground text-xs">{error.message}</p>}
    </main>
  );
}
