"use client";

import type { PublicConfig } from "@remote-claude/protocol";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { useIsAlive } from "../lib/use-is-alive.ts";
import { cn } from "../lib/utils.ts";
import { CredentialsForm, type CredentialsKind } from "./credentials-form.tsx";
import { useLastProvider } from "./last-provider.ts";
import { ProviderButtons } from "./provider-buttons.tsx";

interface SignInOptionsProps {
  /** Where to go afterwards; already known to be ours. */
  goTo: string;
  /** How people sign in here; null: the api did not answer. */
  settings: PublicConfig["signIn"] | null;
  /** Why the last try failed, in words. */
  error: string | null;
  /** They were signed in until now. */
  ended: boolean;
}

/** Asks again by itself until the api says how people sign in here: nobody should have to know to reload. */
function useSettingsSoon(missing: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!missing) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, 3000);
    return () => clearInterval(timer);
  }, [missing, router]);
}

/** Every way to sign in that this installation has. */
export function SignInOptions({ goTo, settings, error, ended }: SignInOptionsProps) {
  const last = useLastProvider();
  const alive = useIsAlive();
  useSettingsSoon(settings === null);
  const { password, providers } = settings ?? { password: true, providers: [] };
  const buttons = providers.filter(({ kind }) => kind !== "ldap");
  const ldap = providers.find(({ kind }) => kind === "ldap");
  const kinds: CredentialsKind[] = [
    ...(ldap === undefined ? [] : (["ldap"] as const)),
    ...(password ? (["password"] as const) : []),
  ];
  const [chosen, setChosen] = useState<CredentialsKind | null>(null);
  const usedLast = kinds.find((kind) => kind === last);
  const kind = chosen ?? usedLast ?? kinds[0];
  const other = kinds.find((one) => one !== kind);

  return (
    <div className="flex flex-col gap-4">
      {settings === null && (
        <Notice tone="warning" title="The server is not ready yet">
          It may still be starting. This page asks again by itself.
        </Notice>
      )}
      {error !== null && <Notice tone="destructive" title={error} />}
      {error === null && ended && <Notice tone="info" title="You are signed out. Sign in again to go on." />}
      {buttons.length > 0 && <ProviderButtons providers={buttons} last={last} goTo={goTo} />}
      {buttons.length > 0 && kind !== undefined && <Divider />}
      {kind !== undefined && (
        <CredentialsForm
          key={kind}
          kind={kind}
          ldapName={ldap?.name ?? ""}
          goTo={goTo}
          autoFocus={buttons.length === 0 || chosen !== null}
        />
      )}
      {other !== undefined && (
        <Button
          variant="link"
          size="sm"
          className={cn("self-center", !alive && "disabled:opacity-100")}
          disabled={!alive}
          onClick={() => setChosen(other)}
        >
          {other === "ldap" ? `Use ${ldap?.name} instead` : "Use an account of this installation instead"}
        </Button>
      )}
      {kind === undefined && buttons.length === 0 && (
        <Notice tone="info" title="Sign in with a link">
          Open the address that the administrator gave you: it signs you in once.
        </Notice>
      )}
    </div>
  );
}

function Divider() {
  return (
    <div className="flex items-center gap-3 text-muted-foreground text-xs" aria-hidden>
      <span className="h-px flex-1 bg-border" />
      or
      <span className="h-px flex-1 bg-border" />
    </div>
  );
}
