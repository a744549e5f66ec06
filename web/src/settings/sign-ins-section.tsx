import { listSignIns, revokeOtherSignIns, revokeSignIn } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphoneIcon } from "lucide-react";
import { ConfirmButton } from "../components/confirm-button.tsx";
import { Notice } from "../components/notice.tsx";
import { Badge } from "../components/ui/badge.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { formatRelative, formatUserAgent } from "../lib/format.ts";
import { toast } from "../lib/toast.ts";
import { Section } from "./section.tsx";

export function SignInsSection() {
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["sign-ins"],
    queryFn: async ({ signal }) => (await call(listSignIns, { signal })).signIns,
  });
  const after = (act: Promise<unknown>) =>
    act.then(
      () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: ["sign-ins"] }),
          queries.invalidateQueries({ queryKey: ["tokens"] }),
        ]),
      (cause: unknown) => toast.error(messageOf(cause)),
    );
  const revoke = (signInId: string) => after(call(revokeSignIn, { params: { signInId } }));
  return (
    <Section
      title="Where you are signed in"
      description="End a sign-in that is not yours, or no longer needed."
      action={
        data !== undefined && (
          <ConfirmButton
            label="End all others"
            title="End every other sign-in?"
            description="All your other browsers, and the devices that you allowed a token, have to sign in again; what is open there closes at once."
            also="Revoke my personal access tokens, too"
            onConfirm={(tokens) =>
              void after(call(revokeOtherSignIns, { query: { tokens: tokens ? "revoke" : "keep" } }))
            }
          />
        )
      }
    >
      {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
      {data === undefined && error === null && <Skeleton className="h-9" />}
      <ul className="divide-y">
        {data?.map((signIn) => (
          <li
            key={signIn.id}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5 first:pt-0 last:pb-0"
          >
            <MonitorSmartphoneIcon className="size-4 text-muted-foreground" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium" title={signIn.userAgent ?? undefined}>
                {formatUserAgent(signIn.userAgent)} {signIn.current && <Badge tone="success">This one</Badge>}
              </p>
              <p className="text-muted-foreground text-xs">
                {signIn.address ?? "unknown address"} · signed in {formatRelative(signIn.createdAt)} · last
                used {formatRelative(signIn.lastUsedAt)}
              </p>
            </div>
            {!signIn.current && (
              <ConfirmButton
                label="End"
                title="End this sign-in?"
                description="That browser has to sign in again; its open pages close their connection at once."
                onConfirm={() => void revoke(signIn.id)}
              />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
