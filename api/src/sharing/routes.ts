import {
  acceptShareLink,
  addMember,
  changeMember,
  createShareLink,
  leaveSession,
  listMembers,
  listShareLinks,
  lookAtShareLink,
  removeMember,
  revokeShareLink,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { presentSession } from "../sessions/index.ts";
import * as links from "./links.ts";
import * as people from "./people.ts";
import { presentLink, presentMember } from "./present.ts";

export const sharingRoutes = {
  listMembers: implement(listMembers, async ({ context, params }) => ({
    members: (await people.listMembers(context, params.sessionId)).map(presentMember),
  })),

  addMember: implement(addMember, async ({ context, principal, session, body }) => ({
    member: presentMember(await people.addMember(context, principal, session, body)),
  })),

  changeMember: implement(changeMember, async ({ context, principal, session, params, body }) => ({
    member: presentMember(await people.changeMember(context, principal, session, params.userId, body)),
  })),

  removeMember: implement(removeMember, async ({ context, principal, session, params }) => {
    await people.removeMember(context, principal, session, params.userId);
  }),

  leaveSession: implement(leaveSession, async ({ context, principal, session }) => {
    await people.removeMember(context, principal, session, principal.id);
  }),

  listShareLinks: implement(listShareLinks, async ({ context, params }) => ({
    links: (await links.listLinks(context, params.sessionId)).map(presentLink),
  })),

  createShareLink: implement(createShareLink, async ({ context, principal, session, body }) => {
    const { link, url } = await links.makeLink(context, principal, session, body);
    return { link: presentLink(link), url };
  }),

  revokeShareLink: implement(revokeShareLink, async ({ context, principal, session, params }) => {
    await links.revokeLink(context, principal, session, params.linkId);
  }),

  lookAtShareLink: implement(lookAtShareLink, async ({ context, principal, body }) => {
    const link = await links.lookAtLink(context, principal, body.secret);
    const { name, owner } = link.session;
    const { role, expiresAt } = presentLink(link);
    return { session: { name, owner: { id: owner.id, name: owner.name } }, role, expiresAt };
  }),

  acceptShareLink: implement(acceptShareLink, async ({ context, principal, body }) => ({
    session: presentSession(await links.acceptLink(context, principal, body.secret)),
  })),
};
