import {
  changeUser,
  deleteUser,
  getAdminUser,
  listAllSessions,
  listUsers,
  lookInside,
  resetSecondFactor,
  stopAnySession,
  unlinkIdentity,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { presentSession, stopByAdmin } from "../sessions/index.ts";
import { readSettings } from "../settings/index.ts";
import * as deletion from "./delete-user.ts";
import { presentSessionRow, presentUserRow } from "./present.ts";
import * as sessions from "./sessions.ts";
import * as users from "./users.ts";
import * as ways from "./ways-in.ts";

export const adminRoutes = {
  listUsers: implement(listUsers, async ({ context, query }) => {
    const found = await users.listUsers(context, query);
    return { users: found.users.map(presentUserRow), next: found.next };
  }),

  getAdminUser: implement(getAdminUser, async ({ context, params }) => {
    const user = presentUserRow(await users.getUserRow(context, params.userId));
    const owned = await users.sessionsOf(context, params.userId);
    return {
      user,
      sessions: owned.map(({ id, name, state, _count }) => ({ id, name, state, sharedWith: _count.members })),
      waysIn: await ways.waysInOf(context, params.userId),
    };
  }),

  changeUser: implement(changeUser, async ({ context, principal, params, body }) => ({
    user: presentUserRow(await users.changeUser(context, principal, params.userId, body)),
  })),

  deleteUser: implement(deleteUser, async ({ context, principal, params, body }) => {
    await deletion.deleteUser(context, principal, params.userId, body);
  }),

  resetSecondFactor: implement(resetSecondFactor, async ({ context, principal, params }) => {
    await ways.resetSecondFactor(context, principal, params.userId);
  }),

  unlinkIdentity: implement(unlinkIdentity, async ({ context, principal, params }) => {
    await ways.unlinkIdentity(context, principal, params.userId, params.identityId);
  }),

  listAllSessions: implement(listAllSessions, async ({ context, query }) => {
    const found = await sessions.listAllSessions(context, query);
    const { adminsMayLookInside } = await readSettings(context, context.db);
    return {
      sessions: found.sessions.map(presentSessionRow),
      next: found.next,
      mayLookInside: adminsMayLookInside,
    };
  }),

  stopAnySession: implement(stopAnySession, async ({ context, principal, params }) => {
    await stopByAdmin(context, principal, params.sessionId);
    return { session: presentSessionRow(await sessions.getSessionRow(context, params.sessionId)) };
  }),

  lookInside: implement(lookInside, async ({ context, principal, params, body }) => ({
    session: presentSession(await sessions.lookInside(context, principal, params.sessionId, body.reason)),
  })),
};
