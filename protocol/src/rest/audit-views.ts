import * as z from "zod";
import { Id, Time } from "../ids.ts";
import { route } from "./route.ts";

const name = z.string().trim().min(1).max(80);
const search = z.string().max(2000);

/** Filters of the audit record that somebody keeps to look at again. */
export const AuditView = z.object({
  id: Id,
  name,
  /** As they stand in the page's address. */
  search,
  createdAt: Time,
});
export type AuditView = z.infer<typeof AuditView>;

const common = { needs: "audit.view", scope: "audit:read" } as const;
const params = z.object({ viewId: Id });

export const listAuditViews = route({
  ...common,
  method: "GET",
  path: "/api/audit/views",
  summary: "Your own views of the audit record, by name",
  reply: z.object({ views: z.array(AuditView) }),
});

export const createAuditView = route({
  ...common,
  method: "POST",
  path: "/api/audit/views",
  summary: "Keep a view of the audit record; up to fifty, each with a name of its own",
  body: z.strictObject({ name, search }),
  reply: AuditView,
  status: 201,
  errors: ["conflict", "quota_exceeded"],
});

export const changeAuditView = route({
  ...common,
  method: "PATCH",
  path: "/api/audit/views/{viewId}",
  summary: "Rename a view of yours, or have it show something else",
  params,
  body: z.strictObject({ name: name.optional(), search: search.optional() }),
  reply: AuditView,
  errors: ["not_found", "conflict"],
});

export const deleteAuditView = route({
  ...common,
  method: "DELETE",
  path: "/api/audit/views/{viewId}",
  summary: "Forget a view of yours",
  params,
  status: 204,
  errors: ["not_found"],
});
