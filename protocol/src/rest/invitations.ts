import * as z from "zod";
import { Id, Time } from "../ids.ts";
import { OrganisationRole } from "../roles.ts";
import { Email, NewPassword, User } from "./auth.ts";
import { route } from "./route.ts";

/** Lets a person of this address in, once: by any provider that vouches for the address, or by the link. */
export const Invitation = z.object({
  id: Id,
  email: z.email(),
  role: OrganisationRole,
  state: z.enum(["open", "accepted", "expired", "revoked"]),
  invitedBy: z.object({ id: Id, name: z.string() }).nullable(),
  createdAt: Time,
  expiresAt: Time,
});
export type Invitation = z.infer<typeof Invitation>;

export const listInvitations = route({
  method: "GET",
  path: "/api/invitations",
  summary: "Invitations, newest first",
  needs: "users.manage",
  scope: "admin:read",
  reply: z.object({ invitations: z.array(Invitation) }),
});

export const createInvitation = route({
  method: "POST",
  path: "/api/invitations",
  summary:
    "Invite somebody by e-mail address; the link is shown in this answer only. An open invitation of the same address is replaced",
  needs: "users.manage",
  scope: "admin:write",
  body: z.strictObject({
    email: Email,
    role: OrganisationRole.default("member"),
    expiresInDays: z.int().min(1).max(90).default(7),
  }),
  reply: z.object({ invitation: Invitation, link: z.string() }),
  status: 201,
  errors: ["conflict"],
});

export const revokeInvitation = route({
  method: "DELETE",
  path: "/api/invitations/{invitationId}",
  summary: "Revoke an open invitation",
  needs: "users.manage",
  scope: "admin:write",
  params: z.object({ invitationId: Id }),
  status: 204,
  errors: ["not_found"],
});

const InvitationToken = z.string().min(1).max(200);

export const lookAtInvitation = route({
  method: "POST",
  path: "/api/auth/invitations/look",
  summary: "Whom the invitation of this link is for",
  needs: "nobody",
  scope: "any",
  body: z.strictObject({ token: InvitationToken }),
  reply: z.object({ email: z.email(), role: OrganisationRole, password: z.boolean() }),
  errors: ["not_found", "rate_limited"],
});

export const acceptInvitation = route({
  method: "POST",
  path: "/api/auth/invitations/accept",
  summary: "Accept an invitation with a password of one's own, and sign in",
  needs: "nobody",
  scope: "any",
  body: z.strictObject({
    token: InvitationToken,
    name: z.string().trim().min(1).max(100),
    password: NewPassword,
  }),
  reply: z.object({ user: User }),
  errors: ["not_found", "forbidden", "conflict", "rate_limited"],
});
