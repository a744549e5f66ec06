import {
  countAudit,
  findAuditPeople,
  findAuditSessions,
  getAuditEntry,
  listAudit,
  proveAuditEntry,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { findPeople, findSessions } from "./choices.ts";
import { countEntries } from "./counts.ts";
import { getEntry, listEntries } from "./list.ts";
import { recordLook } from "./looked.ts";
import { proveEntry } from "./proof.ts";

export const auditReviewRoutes = {
  listAudit: implement(listAudit, async ({ context, principal, query }) => {
    const { after: _, limit: __, ...filter } = query;
    await recordLook(context, principal, { filter });
    return listEntries(context.db, query);
  }),

  countAudit: implement(countAudit, async ({ context, principal, query }) => {
    await recordLook(context, principal, { filter: query });
    return countEntries(context.db, query, context.clock.now());
  }),

  getAuditEntry: implement(getAuditEntry, async ({ context, principal, params }) => {
    const entry = await getEntry(context.db, params.auditId);
    await recordLook(context, principal, { target: params.auditId });
    return entry;
  }),

  proveAuditEntry: implement(proveAuditEntry, async ({ context, principal, params }) => {
    const proof = await proveEntry(context.db, params.auditId);
    await recordLook(context, principal, { target: params.auditId });
    return { proof };
  }),

  findAuditPeople: implement(findAuditPeople, async ({ context, query }) => ({
    people: await findPeople(context.db, query.search),
  })),

  findAuditSessions: implement(findAuditSessions, async ({ context, query }) => ({
    sessions: await findSessions(context.db, query.search),
  })),
};
