import * as z from "zod";
import { Actor, Id, Time } from "../ids.ts";
import { OrganisationRole } from "../roles.ts";
import { Session } from "../session.ts";
import { SessionState } from "../session-states.ts";
import { Email } from "./auth.ts";
import { route } from "./route.ts";
import { SessionParams } from "./sessions.ts";

export const UserStatus = z.enum(["active", "disabled"]);
export type UserStatus = z.infer<typeof UserStatus>;

/** A person as admins see them. */
export const AdminUser = z.object({
  id: Id,
  email: z.string(),
  name: z.string(),
  role: OrganisationRole,
  status: UserStatus,
  createdAt: Time,
  lastSignInAt: Time.nullable(),
  /** Sessions that are theirs, and how many of these run. */
  sessions: z.int().nonnegative(),
  runningSessions: z.int().nonnegative(),
  /** Since the month began (UTC). */
  monthCostUsd: z.number().nonnegative(),
  /** Their own budget; null: the organisation's. */
  monthlyBudgetUsd: z.number().nonnegative().nullable(),
});
export type AdminUser = z.infer<typeof AdminUser>;

const UserParams = z.object({ userId: Id });
const Search = z.string().trim().max(200).default("");
const Limit = z.coerce.number().int().min(1).max(100).default(50);

export const listUsers = route({
  method: "GET",
  path: "/api/admin/users",
  summary: "The installation's people by e-mail address; `next` continues after the last of them",
  needs: "users.manage",
  scope: "admin:read",
  query: z.object({
    /** In the name or the address. */
    search: Search,
    role: OrganisationRole.optional(),
    status: UserStatus.optional(),
    after: z.string().max(300).optional(),
    limit: Limit,
  }),
  reply: z.object({ users: z.array(AdminUser), next: z.string().nullable() }),
});

/** How somebody gets in, as admins see it. */
export const WaysIn = z.object({
  /** They have one, and passwords count here. */
  password: z.boolean(),
  secondFactor: z.boolean(),
  /**
   * Who they are at the providers. `name` is null where that leads in no more: the provider is not set up, or its id
   * stands for another one than `issuer`, which vouched (null: not known).
   */
  identities: z.array(
    z.object({
      id: Id,
      provider: z.string(),
      issuer: z.string().nullable(),
      isSetUp: z.boolean(),
      name: z.string().nullable(),
      linkedAt: Time,
    }),
  ),
});
export type WaysIn = z.infer<typeof WaysIn>;

/** What happens to somebody's sessions is said before it happens: these are they. */
export const getAdminUser = route({
  method: "GET",
  path: "/api/admin/users/{userId}",
  summary: "One person, with the sessions that are theirs and how they sign in",
  needs: "users.manage",
  scope: "admin:read",
  params: UserParams,
  reply: z.object({
    user: AdminUser,
    sessions: z.array(z.object({ id: Id, name: z.string(), state: SessionState, sharedWith: z.int() })),
    waysIn: WaysIn,
  }),
  errors: ["not_found"],
});

export const changeUser = route({
  method: "PATCH",
  path: "/api/admin/users/{userId}",
  summary: "Change somebody's role, budget, or whether they may sign in; it counts at once",
  needs: "users.manage",
  scope: "admin:write",
  params: UserParams,
  body: z.strictObject({
    role: OrganisationRole.optional(),
    status: UserStatus.optional(),
    monthlyBudgetUsd: z.number().min(0).max(1_000_000).nullable().optional(),
  }),
  reply: z.object({ user: AdminUser }),
  errors: ["conflict", "not_found"],
});

export const deleteUser = route({
  method: "POST",
  path: "/api/admin/users/{userId}/delete",
  summary:
    "Take somebody's name, address and ways in away for good; their sessions are deleted, or given to another person",
  needs: "users.manage",
  scope: "admin:write",
  params: UserParams,
  body: z.discriminatedUnion("sessions", [
    z.strictObject({ sessions: z.literal("delete") }),
    z.strictObject({ sessions: z.literal("give"), to: Email }),
  ]),
  status: 204,
  errors: ["conflict", "not_found"],
});

export const resetSecondFactor = route({
  method: "POST",
  path: "/api/admin/users/{userId}/reset-second-factor",
  summary: "Take away the second factor of somebody who lost it, with its recovery codes",
  needs: "users.manage",
  scope: "admin:write",
  params: UserParams,
  status: 204,
  errors: ["conflict", "not_found"],
});

export const unlinkIdentity = route({
  method: "DELETE",
  path: "/api/admin/users/{userId}/identities/{identityId}",
  summary: "Unlink somebody from a sign-in provider; what they signed in by it ends at once",
  needs: "users.manage",
  scope: "admin:write",
  params: UserParams.extend({ identityId: Id }),
  status: 204,
  errors: ["conflict", "not_found"],
});

/** Somebody's session as admins see it: from outside. */
export const AdminSession = z.object({
  id: Id,
  name: z.string(),
  state: SessionState,
  stateMessage: z.string().nullable(),
  owner: Actor.extend({ email: z.string() }),
  template: z.string(),
  createdAt: Time,
  lastActiveAt: Time,
  sizeBytes: z.int().nonnegative().nullable(),
  costUsd: z.number().nonnegative(),
});
export type AdminSession = z.infer<typeof AdminSession>;

export const listAllSessions = route({
  method: "GET",
  path: "/api/admin/sessions",
  summary:
    "Everybody's sessions, newest activity first, from outside; `next` continues after the last of them",
  needs: "sessions.list-all",
  scope: "admin:read",
  query: z.object({
    /** In the session's name, or in its owner's name or address. */
    search: Search,
    /** Those that are up, or on their way. */
    live: z.literal("1").optional(),
    after: z.string().max(300).optional(),
    limit: Limit,
  }),
  reply: z.object({
    sessions: z.array(AdminSession),
    next: z.string().nullable(),
    /** The organisation lets admins look inside. */
    mayLookInside: z.boolean(),
  }),
});

export const stopAnySession = route({
  method: "POST",
  path: "/api/admin/sessions/{sessionId}/stop",
  summary: "Stop somebody's session; its workspace and home stay",
  needs: "sessions.list-all",
  scope: "admin:write",
  params: SessionParams,
  reply: z.object({ session: AdminSession }),
  errors: ["conflict", "not_found"],
});

export const lookInside = route({
  method: "POST",
  path: "/api/admin/sessions/{sessionId}/look-inside",
  summary:
    "Become a viewer of somebody's session for an hour, where the organisation allows it; on record with the reason, and shown to its owner",
  needs: "sessions.list-all",
  scope: "full",
  params: SessionParams,
  body: z.strictObject({ reason: z.string().trim().min(3, "a reason is needed").max(500) }),
  reply: z.object({ session: Session }),
  errors: ["forbidden", "not_found"],
});
