import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  lookAtInvitation,
  revokeInvitation,
} from "@remote-claude/protocol";
import { presentUser, setSignInCookie, sourceOf } from "../auth/index.ts";
import { implement } from "../http/implement.ts";
import { presentInvitation } from "./present.ts";
import * as invitations from "./service.ts";

export const invitationRoutes = {
  listInvitations: implement(listInvitations, async ({ context }) => {
    const now = context.clock.now();
    const rows = await invitations.listInvitations(context);
    return { invitations: rows.map((row) => presentInvitation(row, now)) };
  }),

  createInvitation: implement(createInvitation, async ({ context, principal, body }) => {
    const { invitation, link } = await invitations.createInvitation(context, principal, body);
    return { invitation: presentInvitation(invitation, context.clock.now()), link };
  }),

  revokeInvitation: implement(revokeInvitation, async ({ context, principal, params }) => {
    await invitations.revokeInvitation(context, principal, params.invitationId);
  }),

  lookAtInvitation: implement(lookAtInvitation, async ({ context, body, request, requestId }) => {
    const { email, role } = await invitations.lookAtInvitation(
      context,
      body.token,
      sourceOf(request, requestId),
    );
    return { email, role, password: context.config.signIn.password };
  }),

  acceptInvitation: implement(acceptInvitation, async ({ context, body, request, response, requestId }) => {
    const { signInId, user } = await invitations.acceptInvitation(
      context,
      body,
      sourceOf(request, requestId),
    );
    setSignInCookie(response, context.config, signInId);
    return { user: presentUser(user) };
  }),
};
