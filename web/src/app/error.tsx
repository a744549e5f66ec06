"use client";

import { useEffect } from "react";
import { BrandMark } from "../components/brand.tsx";
import { Button } from "../components/ui/button.tsx";

/** Mostly the api restarting: asks again by itself every few seconds, as long as the page is looked at. */
export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") window.location.reload();
    }, 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-4 px-4 text-center">
      <BrandMark className="size-10" />
      <h1 className="font-semibold text-lg">The server does not answer</h1>
      <p className="max-w-sm text-muted-foreground">
        It may be restarting. Your sessions go on meanwhile; this page tries again by itself.
      </p>
      <Button
        variant="primary"
        onClick={() => {
          reset();
          window.location.reload();
        }}
      >
        Try again now
      </Button>
    </main>
  );
}
