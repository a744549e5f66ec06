import {
  changeAuditView,
  createAuditView,
  deleteAuditView,
  getAuditStory,
  getVerification,
  listAuditViews,
  startVerification,
  stopVerification,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { recordLook } from "./looked.ts";
import { readStory } from "./story.ts";
import { readVerification, startVerifying, stopVerifying } from "./verification.ts";
import { changeView, createView, deleteView, listViews } from "./views.ts";

export const auditStoryRoutes = {
  getAuditStory: implement(getAuditStory, async ({ context, principal, params, query }) => {
    const story = await readStory(context.db, params.sessionId, query.after);
    await recordLook(context, principal, { sessionId: params.sessionId, target: "story" });
    return story;
  }),
};

export const auditVerifyRoutes = {
  getVerification: implement(getVerification, ({ context }) => readVerification(context.db)),

  startVerification: implement(startVerification, ({ context, principal }) =>
    startVerifying(context, principal),
  ),

  stopVerification: implement(stopVerification, ({ context }) => stopVerifying(context)),
};

export const auditViewRoutes = {
  listAuditViews: implement(listAuditViews, async ({ context, principal }) => ({
    views: await listViews(context.db, principal.id),
  })),

  createAuditView: implement(createAuditView, ({ context, principal, body }) =>
    createView(context.db, principal.id, body),
  ),

  changeAuditView: implement(changeAuditView, ({ context, principal, params, body }) =>
    changeView(context.db, principal.id, params.viewId, body),
  ),

  deleteAuditView: implement(deleteAuditView, ({ context, principal, params }) =>
    deleteView(context.db, principal.id, params.viewId),
  ),
};
