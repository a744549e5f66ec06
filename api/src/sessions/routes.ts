import {
  createSession,
  deleteSession,
  getSession,
  keepSession,
  listSessions,
  pauseSession,
  renameSession,
  resumeSession,
  stopSession,
} from "@remote-claude/protocol";
import { implement, JsonText } from "../http/implement.ts";
import { measureInBackground } from "./activity.ts";
import { forgetArchive } from "./launch.ts";
import { presentSession } from "./present.ts";
import { listQuery } from "./queries.ts";
import { receiveForm } from "./receive-archive.ts";
import * as service from "./service.ts";

export const sessionRoutes = {
  createSession: implement(createSession, async ({ context, principal, body, request }) => {
    if (typeof request.is("multipart/form-data") !== "string") {
      return { session: presentSession(await service.createSession(context, principal, body)) };
    }
    const { input, archiveKey } = await receiveForm(context, request);
    try {
      return { session: presentSession(await service.createSession(context, principal, input, archiveKey)) };
    } catch (error) {
      if (archiveKey !== null) await forgetArchive(context, archiveKey);
      throw error;
    }
  }),

  listSessions: implement(
    listSessions,
    async ({ context, principal, readAlong }) => {
      measureInBackground(context, principal.id, readAlong);
      return new JsonText(readAlong);
    },
    listQuery,
  ),

  getSession: implement(getSession, async ({ session }) => ({ session: presentSession(session) })),

  renameSession: implement(renameSession, async ({ context, principal, session, body }) => ({
    session: presentSession(await service.renameSession(context, principal, session, body.name)),
  })),

  deleteSession: implement(deleteSession, async ({ context, principal, session }) => {
    await service.deleteSession(context, principal, session);
  }),

  stopSession: implement(stopSession, async ({ context, principal, session }) => ({
    session: presentSession(await service.stopSession(context, principal, session)),
  })),

  pauseSession: implement(pauseSession, async ({ context, principal, session }) => ({
    session: presentSession(await service.pauseSession(context, principal, session)),
  })),

  keepSession: implement(keepSession, async ({ context, principal, session }) => ({
    session: presentSession(await service.keepSession(context, principal, session)),
  })),

  resumeSession: implement(resumeSession, async ({ context, principal, session }) => ({
    session: presentSession(await service.resumeSession(context, principal, session)),
  })),
};
