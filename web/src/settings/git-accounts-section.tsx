import { deleteGitCredential, type GitCredential, listGitCredentials } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { GitBranchIcon, PlusIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ConfirmButton } from "../components/confirm-button.tsx";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { formatRelative } from "../lib/format.ts";
import { toast } from "../lib/toast.ts";
import { GitAccountDialog } from "./git-account-dialog.tsx";
import { GitAccountTestDialog } from "./git-account-test-dialog.tsx";
import { readGitHost } from "./git-hosts.ts";
import { Section } from "./section.tsx";

function GitAccountRow({
  account,
  onTest,
  onReplace,
  onRemove,
}: {
  account: GitCredential;
  onTest(): void;
  onReplace(): void;
  onRemove(): void;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5 first:pt-0 last:pb-0">
      <GitBranchIcon className="size-4 text-muted-foreground" aria-hidden />
      <div className="min-w-0 flex-1 basis-56">
        <p className="truncate font-medium">{account.host}</p>
        <p className="text-muted-foreground text-xs">
          {account.username} · <code className="font-mono">••••{account.hint}</code> · stored{" "}
          {formatRelative(account.createdAt)} ·{" "}
          {account.lastUsedAt === null ? "never used" : `last used ${formatRelative(account.lastUsedAt)}`}
        </p>
      </div>
      <div className="flex max-sm:w-full max-sm:pl-4.5">
        <Button size="sm" variant="ghost" aria-label={`Test ${account.host}`} onClick={onTest}>
          Test
        </Button>
        <Button size="sm" variant="ghost" aria-label={`Replace ${account.host}`} onClick={onReplace}>
          Replace
        </Button>
        <ConfirmButton
          label="Remove"
          title={`Remove the token for ${account.host}?`}
          description="Your sessions can then fetch what is public there, and push nothing. The token itself stays valid: revoke it at the host if it should not."
          onConfirm={onRemove}
        />
      </div>
    </li>
  );
}

/** The tokens that egress adds to what git asks of their hosts. `?git-host=` opens the dialog for a host. */
export function GitAccountsSection() {
  const queries = useQueryClient();
  const [storing, setStoring] = useState<string | null>(null);
  const [testing, setTesting] = useState<string | null>(null);
  const anchor = useRef<HTMLDivElement>(null);
  const { data, error } = useQuery({
    queryKey: ["git-credentials"],
    queryFn: async ({ signal }) => (await call(listGitCredentials, { signal })).gitCredentials,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ["git-credentials"] });
  const remove = (host: string) =>
    call(deleteGitCredential, { params: { host } }).then(refresh, (cause: unknown) =>
      toast.error(messageOf(cause)),
    );
  useEffect(() => {
    const { searchParams, hash } = new URL(window.location.href);
    const host = readGitHost(searchParams.get("git-host") ?? "");
    if (host !== null) {
      setStoring(host);
      // A reload asks no second time.
      window.history.replaceState(window.history.state, "", `${window.location.pathname}${hash}`);
    }
    if (hash === "#git-accounts") anchor.current?.scrollIntoView();
  }, []);
  return (
    <div id="git-accounts" ref={anchor} className="scroll-mt-14">
      <Section
        title="Git accounts"
        description="For private repositories, and for pushing. Tokens stay outside of your sessions."
        action={
          <Button size="sm" onClick={() => setStoring("")}>
            <PlusIcon /> Add account
          </Button>
        }
      >
        {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
        {data === undefined && error === null && <Skeleton className="h-9" />}
        {data?.length === 0 && (
          <p className="text-muted-foreground">
            You have stored no token. Your sessions can clone what is public.
          </p>
        )}
        {data !== undefined && data.length > 0 && (
          <ul className="divide-y">
            {data.map((account) => (
              <GitAccountRow
                key={account.host}
                account={account}
                onTest={() => setTesting(account.host)}
                onReplace={() => setStoring(account.host)}
                onRemove={() => void remove(account.host)}
              />
            ))}
          </ul>
        )}
      </Section>
      <GitAccountDialog
        host={storing}
        onClose={() => setStoring(null)}
        onStored={(host) => {
          setStoring(null);
          setTesting(host);
          void refresh();
        }}
      />
      <GitAccountTestDialog
        host={testing}
        onClose={() => {
          setTesting(null);
          void refresh();
        }}
      />
    </div>
  );
}
