import type { SharedRole, ShareLink } from "@remote-claude/protocol";
import { LinkIcon } from "lucide-react";
import { useState } from "react";
import { Choice } from "../components/choice.tsx";
import { CopyOnce } from "../components/copy-once.tsx";
import { Button } from "../components/ui/button.tsx";
import { messageOf } from "../lib/errors.ts";
import { formatMoment } from "../lib/format.ts";
import { toast } from "../lib/toast.ts";
import { RoleSelect } from "./role-select.tsx";
import { roleNames } from "./roles.ts";
import { useShareLinks, type useSharing } from "./use-sharing.ts";

const lifetimes = [
  ["1", "1 hour"],
  ["24", "1 day"],
  ["168", "7 days"],
  ["720", "30 days"],
] as const;

const uses = [
  ["many", "Anyone here"],
  ["once", "One person"],
] as const;

function cameIn(count: number): string {
  if (count === 0) return "nobody came in yet";
  return count === 1 ? "1 person came in" : `${count} people came in`;
}

function LinkRow({ link, onRevoke }: { link: ShareLink; onRevoke(): void }) {
  const { role, once, uses: came, expiresAt } = link;
  const usedUp = once && came > 0;
  return (
    <li className="flex items-center gap-2.5 py-2 first:pt-0 last:pb-0">
      <LinkIcon className="size-4 shrink-0 text-muted-foreground" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {roleNames[role]}, {once ? "for one person" : "for anyone here"}
        </p>
        <p className="text-muted-foreground text-xs">
          {usedUp ? "used" : cameIn(came)} · until {formatMoment(expiresAt)}
        </p>
      </div>
      <Button
        variant="ghost"
        size="sm"
        className="text-destructive"
        title="Whoever came in by it is out again"
        onClick={onRevoke}
      >
        Revoke
      </Button>
    </li>
  );
}

/** Makes links, and lists those that still count. */
export function LinkSection({
  sessionId,
  sharing,
}: {
  sessionId: string;
  sharing: ReturnType<typeof useSharing>;
}) {
  const { data: links } = useShareLinks(sessionId, true);
  const [role, setRole] = useState<SharedRole>("viewer");
  const [hours, setHours] = useState<string>("168");
  const [use, setUse] = useState<string>("many");
  const [url, setUrl] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function make() {
    setBusy(true);
    try {
      setUrl(await sharing.makeLink({ role, expiresInHours: Number(hours), once: use === "once" }));
    } catch (error) {
      toast.error(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-label="Links" className="flex flex-col gap-2.5 border-t pt-4">
      <div>
        <h3 className="font-medium text-[13px]">Links</h3>
        <p className="text-muted-foreground text-xs">
          They let people in who can sign in here. Revoking one puts out whoever came in by it.
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <RoleSelect label="Role by the link" value={role} onChange={setRole} />
        <Choice label="Valid for" value={hours} options={lifetimes} onChange={setHours} />
        <Choice label="For whom" value={use} options={uses} onChange={setUse} />
        <Button className="grow sm:grow-0" onClick={() => void make()} disabled={busy}>
          <LinkIcon /> Create link
        </Button>
      </div>
      {url !== null && (
        <CopyOnce key={url} label="Link" text={url} about="Copy it now: it cannot be shown again." />
      )}
      {links !== undefined && links.length > 0 && (
        <ul className="divide-y">
          {links.map((link) => (
            <LinkRow key={link.id} link={link} onRevoke={() => void sharing.revokeLink(link.id)} />
          ))}
        </ul>
      )}
    </section>
  );
}
