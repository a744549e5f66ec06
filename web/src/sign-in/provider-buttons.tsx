"use client";

import type { PublicConfig } from "@remote-claude/protocol";
import { BuildingIcon, LoaderCircleIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Badge } from "../components/ui/badge.tsx";
import { Button } from "../components/ui/button.tsx";
import { startSignIn } from "../lib/auth-client.ts";
import { messageOf } from "../lib/errors.ts";
import { useIsAlive } from "../lib/use-is-alive.ts";
import { cn } from "../lib/utils.ts";
import { rememberProvider } from "./last-provider.ts";

export type Provider = PublicConfig["signIn"]["providers"][number];

/** GitHub's mark is not among our icons. */
function GithubMark() {
  return (
    <svg viewBox="0 0 16 16" fill="currentColor" aria-hidden="true" className="size-4">
      <path d="M8 0a8 8 0 0 0-2.53 15.59c.4.07.55-.17.55-.38v-1.34c-2.23.48-2.7-1.07-2.7-1.07-.36-.93-.89-1.17-.89-1.17-.73-.5.05-.49.05-.49.8.06 1.23.83 1.23.83.72 1.23 1.88.87 2.34.67.07-.52.28-.88.5-1.08-1.77-.2-3.64-.89-3.64-3.95 0-.87.31-1.59.82-2.15-.08-.2-.36-1.02.08-2.12 0 0 .67-.21 2.2.82a7.6 7.6 0 0 1 4 0c1.53-1.03 2.2-.82 2.2-.82.44 1.1.16 1.92.08 2.12.51.56.82 1.28.82 2.15 0 3.07-1.87 3.74-3.65 3.94.29.25.54.73.54 1.48v2.2c0 .21.15.46.55.38A8 8 0 0 0 8 0Z" />
    </svg>
  );
}

/** A button for each provider that has a page of its own; the one used last is first and says so. */
export function ProviderButtons({
  providers,
  last,
  goTo,
}: {
  providers: readonly Provider[];
  last: string | null;
  goTo: string;
}) {
  const alive = useIsAlive();
  const [leaving, setLeaving] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const inOrder = [...providers].sort((a, b) => Number(b.id === last) - Number(a.id === last));

  async function start({ id, kind }: Provider) {
    setLeaving(id);
    setError(null);
    rememberProvider(id);
    try {
      const address =
        kind === "saml"
          ? `/api/auth/saml/login?callbackUrl=${encodeURIComponent(goTo)}`
          : await startSignIn(id, goTo);
      window.location.assign(address);
    } catch (cause) {
      setError(messageOf(cause));
      setLeaving(null);
    }
  }

  return (
    <div className="flex flex-col gap-2.5">
      {error !== null && <Notice tone="destructive" title={error} />}
      {inOrder.map((provider) => (
        <Button
          key={provider.id}
          size="lg"
          className={cn("relative w-full", !alive && "disabled:opacity-100")}
          disabled={leaving !== null || !alive}
          onClick={() => void start(provider)}
        >
          {leaving === provider.id && <LoaderCircleIcon className="animate-spin" aria-hidden />}
          {leaving !== provider.id && (provider.kind === "github" ? <GithubMark /> : <BuildingIcon />)}
          <span className="truncate">Continue with {provider.name}</span>
          {provider.id === last && (
            <Badge tone="clay" className="absolute -top-2 right-2">
              Last used
            </Badge>
          )}
        </Button>
      ))}
    </div>
  );
}
