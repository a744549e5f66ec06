import { getSecurity } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Badge } from "../components/ui/badge.tsx";
import { Button } from "../components/ui/button.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { PasswordDialog } from "./password-dialog.tsx";
import { type ProtectedAct, SecondFactorActDialog } from "./second-factor-act-dialog.tsx";
import { SecondFactorDialog } from "./second-factor-dialog.tsx";
import { Section } from "./section.tsx";

type Open = "password" | "second-factor" | ProtectedAct | null;

/** Password and second factor; not there for people who sign in with their organisation alone. */
export function SecuritySection() {
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const { data, error } = useQuery({
    queryKey: ["security"],
    queryFn: ({ signal }) => call(getSecurity, { signal }),
  });
  if (data?.password === false) return null;
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["security"] });
    void queries.invalidateQueries({ queryKey: ["sign-ins"] });
  };
  const close = () => setOpen(null);
  return (
    <Section title="Password and second factor" description="What protects your account.">
      {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
      {data === undefined && error === null && <Skeleton className="h-16" />}
      {data !== undefined && (
        <ul className="divide-y">
          <Row title="Password" description="Only you know it; here it is kept as a hash.">
            <Button size="sm" onClick={() => setOpen("password")}>
              Change password
            </Button>
          </Row>
          <Row
            title={
              <>
                Authenticator app{" "}
                <Badge tone={data.secondFactor ? "success" : "neutral"}>
                  {data.secondFactor ? "On" : "Off"}
                </Badge>
              </>
            }
            description={
              data.secondFactor
                ? `${data.recoveryCodesLeft} of your recovery codes are left.`
                : "A code of six digits besides your password, from an app on your phone."
            }
          >
            {data.secondFactor ? (
              <>
                <Button size="sm" onClick={() => setOpen("codes")}>
                  New recovery codes
                </Button>
                <Button
                  size="sm"
                  variant="ghost"
                  className="text-destructive"
                  onClick={() => setOpen("disable")}
                >
                  Turn off
                </Button>
              </>
            ) : (
              <Button size="sm" onClick={() => setOpen("second-factor")}>
                Set up
              </Button>
            )}
          </Row>
        </ul>
      )}
      {open === "password" && <PasswordDialog open onOpenChange={close} onChanged={refresh} />}
      {open === "second-factor" && <SecondFactorDialog onClose={close} onChanged={refresh} />}
      {(open === "codes" || open === "disable") && (
        <SecondFactorActDialog act={open} onClose={close} onChanged={refresh} />
      )}
    </Section>
  );
}

function Row({
  title,
  description,
  children,
}: {
  title: ReactNode;
  description: string;
  children: ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-2.5 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-medium">{title}</p>
        <p className="text-muted-foreground text-xs">{description}</p>
      </div>
      <div className="flex gap-2">{children}</div>
    </li>
  );
}
