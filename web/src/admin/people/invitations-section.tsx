import {
  createInvitation,
  type Invitation,
  listInvitations,
  OrganisationRole,
  revokeInvitation,
} from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MailIcon } from "lucide-react";
import { useState } from "react";
import { AddressForm } from "../../components/address-form.tsx";
import { Choice } from "../../components/choice.tsx";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { CopyOnce } from "../../components/copy-once.tsx";
import { Badge, type BadgeTone } from "../../components/ui/badge.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { formatMoment } from "../../lib/format.ts";
import { toast } from "../../lib/toast.ts";
import { Section } from "../../settings/section.tsx";
import { ListFrame } from "../list-parts.tsx";

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

const lifetimes = [
  ["1", "1 day"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;

/** Asks whom to invite; what it answers is a link, for no mail is sent. */
function InviteForm({ onInvited }: { onInvited(link: string): void }) {
  const [role, setRole] = useState<string>("member");
  const [days, setDays] = useState<string>("7");
  return (
    <AddressForm
      label="Invite somebody"
      action="Invite"
      whatIsMissing="Write an e-mail address."
      onSubmit={async (email) => {
        const body = { email, role: OrganisationRole.parse(role), expiresInDays: Number(days) };
        onInvited((await call(createInvitation, { body })).link);
      }}
    >
      <Choice label="Role of who is invited" value={role} options={roles} onChange={setRole} />
      <Choice label="Valid for" value={days} options={lifetimes} onChange={setDays} />
    </AddressForm>
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
        {link !== null && (
          <CopyOnce
            key={link}
            label="Invitation link"
            text={link}
            about="Send them this link yourself. It is shown this one time, and works once."
          />
        )}
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
