import { listTokens, revokeToken, type Token } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRoundIcon, PlusIcon } from "lucide-react";
import { useState } from "react";
import { ConfirmButton } from "../components/confirm-button.tsx";
import { Notice } from "../components/notice.tsx";
import { Badge } from "../components/ui/badge.tsx";
import { Button } from "../components/ui/button.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { formatRelative } from "../lib/format.ts";
import { toast } from "../lib/toast.ts";
import { CreateTokenDialog } from "./create-token-dialog.tsx";
import { Section } from "./section.tsx";

function TokenRow({ token, onRevoke }: { token: Token; onRevoke(): void }) {
  const expired = token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now();
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5 first:pt-0 last:pb-0">
      <KeyRoundIcon className="size-4 text-muted-foreground" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-1.5 font-medium">
          <span className="truncate" title={token.name}>
            {token.name}
          </span>
          {token.scopes.length > 0 && <Badge title={token.scopes.join(", ")}>Limited</Badge>}
          {expired && <Badge tone="destructive">Expired</Badge>}
        </p>
        <p className="text-muted-foreground text-xs">
          <code className="font-mono">{token.prefix}…</code> · made {formatRelative(token.createdAt)} ·{" "}
          {token.lastUsedAt === null ? "never used" : `last used ${formatRelative(token.lastUsedAt)}`}
          {token.expiresAt !== null && !expired && ` · expires ${formatRelative(token.expiresAt)}`}
        </p>
      </div>
      <ConfirmButton
        label="Revoke"
        title={`Revoke “${token.name}”?`}
        description="Programs that use this token are refused from now on."
        onConfirm={onRevoke}
      />
    </li>
  );
}

export function TokensSection() {
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["tokens"],
    queryFn: async ({ signal }) => (await call(listTokens, { signal })).tokens,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  const revoke = (tokenId: string) =>
    call(revokeToken, { params: { tokenId } }).then(refresh, (cause: unknown) =>
      toast.error(messageOf(cause)),
    );
  return (
    <Section
      title="Personal access tokens"
      description="For scripts and other programs: a token may do what you may do, or less."
      action={
        <Button size="sm" onClick={() => setCreating(true)}>
          <PlusIcon /> New token
        </Button>
      }
    >
      {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
      {data === undefined && error === null && <Skeleton className="h-9" />}
      {data?.length === 0 && <p className="text-muted-foreground">You have no tokens.</p>}
      {data !== undefined && data.length > 0 && (
        <ul className="divide-y">
          {data.map((token) => (
            <TokenRow key={token.id} token={token} onRevoke={() => void revoke(token.id)} />
          ))}
        </ul>
      )}
      <CreateTokenDialog open={creating} onOpenChange={setCreating} onCreated={() => void refresh()} />
    </Section>
  );
}
