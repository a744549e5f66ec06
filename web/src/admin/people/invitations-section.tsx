import {
  createInvitation,
  Email,
  type Invitation,
  listInvitations,
  OrganisationRole,
  revokeInvitation,
} from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CheckIcon, CopyIcon, MailIcon } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { toast } from "sonner";
import { Badge, type BadgeTone } from "../../components/ui/badge.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { call } from "../../lib/api.ts";
import { copyText } from "../../lib/copy-text.ts";
import { messageOf } from "../../lib/errors.ts";
import { formatMoment } from "../../lib/format.ts";
import { ConfirmButton } from "../../settings/confirm-button.tsx";
import { Section } from "../../settings/section.tsx";
import { FilterSelect, ListFrame } from "../list-parts.tsx";

const stateTones: Record<Invitation["state"], BadgeTone> = {
  open: "info",
  accepted: "success",
  expired: "neutral",
  revoked: "neutral",
};

const roles = [
  ["member", "Member"],
  ["auditor", "Auditor"],
  ["admin", "Admin"],
] as const satisfies readonly (readonly [OrganisationRole, string])[];

/** Asks whom to invite; what it answers is a link, for no mail is sent. */
function InviteForm({ onInvited }: { onInvited(link: string): void }) {
  const id = useId();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<string>("member");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const address = Email.safeParse(email);
    if (!address.success) {
      setProblem("Write an e-mail address.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      const body = { email: address.data, role: OrganisationRole.parse(role) };
      onInvited((await call(createInvitation, { body })).link);
      setEmail("");
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-1.5">
      <Label htmlFor={id}>Invite somebody</Label>
      <div className="flex flex-wrap gap-2">
        <Input
          id={id}
          type="email"
          autoComplete="off"
          placeholder="E-mail address"
          className="min-w-44 flex-1"
          value={email}
          aria-invalid={problem !== null}
          onChange={(event) => setEmail(event.target.value)}
        />
        <FilterSelect label="Role of who is invited" value={role} options={roles} onChange={setRole} />
        <Button type="submit" variant="primary" className="grow sm:grow-0" disabled={busy}>
          Invite
        </Button>
      </div>
      {problem !== null && (
        <p role="alert" className="text-destructive text-xs">
          {problem}
        </p>
      )}
    </form>
  );
}

function InvitationLink({ link }: { link: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex gap-2">
        <Input
          readOnly
          aria-label="Invitation link"
          value={link}
          className="font-mono text-xs"
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button onClick={() => void copyText(link).then(setCopied)}>
          {copied ? <CheckIcon /> : <CopyIcon />}
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
      <p className="text-muted-foreground text-xs">
        Send them this link yourself. It is shown this one time, and works once.
      </p>
    </div>
  );
}

function InvitationRow({ invitation, onRevoke }: { invitation: Invitation; onRevoke(): void }) {
  const { email, role, state, invitedBy, expiresAt } = invitation;
  return (
    <li className="flex items-center gap-3 py-2.5 first:pt-0 last:pb-0">
      <MailIcon className="size-4 shrink-0 text-muted-foreground" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <span className="truncate font-medium">{email}</span>
          <Badge tone={stateTones[state]}>{state}</Badge>
        </p>
        <p className="text-muted-foreground text-xs">
          as {role}
          {invitedBy !== null && ` · by ${invitedBy.name}`}
          {state === "open" && ` · until ${formatMoment(expiresAt)}`}
        </p>
      </div>
      {state === "open" && (
        <ConfirmButton
          label="Revoke"
          title={`Revoke the invitation of ${email}?`}
          description="Its link lets nobody in any more."
          onConfirm={onRevoke}
        />
      )}
    </li>
  );
}

/** Those who are asked to come in, and the way to ask somebody. */
export function InvitationsSection() {
  const queries = useQueryClient();
  const [link, setLink] = useState<string | null>(null);
  const { data, error } = useQuery({
    queryKey: ["invitations"],
    queryFn: async ({ signal }) => (await call(listInvitations, { signal })).invitations,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ["invitations"] });
  const revoke = (invitationId: string) =>
    call(revokeInvitation, { params: { invitationId } }).then(refresh, (cause: unknown) =>
      toast.error(messageOf(cause)),
    );
  return (
    <Section
      title="Invitations"
      description="An invited person may come in whatever the settings say of new people."
    >
      <div className="flex flex-col gap-4">
        <InviteForm
          onInvited={(made) => {
            setLink(made);
            void refresh();
          }}
        />
        {link !== null && <InvitationLink key={link} link={link} />}
        <ListFrame
          error={error}
          count={data?.length ?? null}
          empty="Nobody is invited."
          more={false}
          loadingMore={false}
          onMore={() => undefined}
        >
          <ul className="divide-y" aria-label="Invitations">
            {data?.map((invitation) => (
              <InvitationRow
                key={invitation.id}
                invitation={invitation}
                onRevoke={() => void revoke(invitation.id)}
              />
            ))}
          </ul>
        </ListFrame>
      </div>
    </Section>
  );
}
