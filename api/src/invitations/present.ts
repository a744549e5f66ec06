import type { Invitation as InvitationRow } from "@remote-claude/prisma";
import type { Invitation } from "@remote-claude/protocol";

export type InvitationRecord = InvitationRow & { invitedBy: { id: string; name: string } | null };

export function presentInvitation(row: InvitationRecord, now: Date): Invitation {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    state: stateOf(row, now),
    invitedBy: row.invitedBy === null ? null : { id: row.invitedBy.id, name: row.invitedBy.name },
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

function stateOf(row: InvitationRow, now: Date): Invitation["state"] {
  if (row.acceptedAt !== null) return "accepted";
  if (row.revokedAt !== null) return "revoked";
  return row.expiresAt > now ? "open" : "expired";
}
