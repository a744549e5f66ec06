import * as z from "zod";
import { Actor, Id, Time } from "../ids.ts";
import { SessionRole, SharedRole } from "../roles.ts";
import { Session } from "../session.ts";
import { Email } from "./auth.ts";
import { route } from "./route.ts";
import { SessionParams } from "./sessions.ts";

/** Somebody who is something in a session; the owner is the first of them. */
export const SessionMember = z.object({
  user: Actor.extend({ email: z.email() }),
  role: SessionRole,
  /** May answer Claude's permission questions. */
  mayAnswer: z.boolean(),
  /** How they came in: made it, added by the owner, by a link, or an admin who looks inside. */
  by: z.enum(["owning", "owner", "link", "admin"]),
  addedAt: Time,
  /** When their part ends by itself; null: never. */
  expiresAt: Time.nullable(),
});
export type SessionMember = z.infer<typeof SessionMember>;

const MemberParams = SessionParams.extend({ userId: Id });
const ExpiresInHours = z
  .int()
  .min(1)
  .max(24 * 365);

export const listMembers = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/members",
  summary: "Who is something in a session: its owner, then those with whom it is shared",
  needs: "session.view",
  scope: "sessions:read",
  params: SessionParams,
  reply: z.object({ members: z.array(SessionMember) }),
});

export const addMember = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/members",
  summary: "Share a session with a person of this installation, by e-mail address",
  needs: "session.share",
  scope: "sessions:write",
  params: SessionParams,
  body: z.strictObject({
    email: Email,
    role: SharedRole,
    /** Default: as the role says (editors may, viewers may not). */
    mayAnswer: z.boolean().optional(),
    expiresInHours: ExpiresInHours.optional(),
  }),
  reply: z.object({ member: SessionMember }),
  status: 201,
  errors: ["conflict", "quota_exceeded", "rate_limited"],
});

export const changeMember = route({
  method: "PATCH",
  path: "/api/sessions/{sessionId}/members/{userId}",
  summary: "Change what somebody is in a session; it counts at once",
  needs: "session.share",
  scope: "sessions:write",
  params: MemberParams,
  body: z.strictObject({ role: SharedRole.optional(), mayAnswer: z.boolean().optional() }),
  reply: z.object({ member: SessionMember }),
});

export const removeMember = route({
  method: "DELETE",
  path: "/api/sessions/{sessionId}/members/{userId}",
  summary: "End somebody's part in a session, and what they see of it",
  needs: "session.share",
  scope: "sessions:write",
  params: MemberParams,
  status: 204,
});

export const leaveSession = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/leave",
  summary: "Leave a session that somebody shared with you",
  needs: "session.view",
  scope: "sessions:write",
  params: SessionParams,
  status: 204,
  errors: ["conflict"],
});

/** A link that lets signed-in people in. Its secret is shown once, when it is made. */
export const ShareLink = z.object({
  id: Id,
  role: SharedRole,
  /** It lets one person in, and is used up then. */
  once: z.boolean(),
  /** How many came in by it. */
  uses: z.int().nonnegative(),
  createdAt: Time,
  expiresAt: Time,
});
export type ShareLink = z.infer<typeof ShareLink>;

export const listShareLinks = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/share-links",
  summary: "A session's links that still count, newest first",
  needs: "session.share",
  scope: "sessions:read",
  params: SessionParams,
  reply: z.object({ links: z.array(ShareLink) }),
});

export const createShareLink = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/share-links",
  summary:
    "Make a link that lets people of this installation into a session until it expires; `url` is shown in this answer only",
  needs: "session.share",
  scope: "sessions:write",
  params: SessionParams,
  body: z.strictObject({
    role: SharedRole,
    expiresInHours: ExpiresInHours.default(24 * 7),
    once: z.boolean().default(false),
  }),
  reply: z.object({ link: ShareLink, url: z.url() }),
  status: 201,
  errors: ["quota_exceeded"],
});

export const revokeShareLink = route({
  method: "DELETE",
  path: "/api/sessions/{sessionId}/share-links/{linkId}",
  summary: "Revoke a link; whoever came in by it is out again",
  needs: "session.share",
  scope: "sessions:write",
  params: SessionParams.extend({ linkId: Id }),
  status: 204,
});

/** What stands behind the `#` of a link: it goes in bodies, never in an address. */
const ShareSecret = z.strictObject({
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "not a link's secret"),
});

export const lookAtShareLink = route({
  method: "POST",
  path: "/api/share-links/look",
  summary: "What a link leads to, before one comes in by it",
  needs: "signed-in",
  scope: "sessions:write",
  body: ShareSecret,
  reply: z.object({
    session: z.object({ name: z.string(), owner: Actor }),
    role: SharedRole,
    expiresAt: Time,
  }),
  errors: ["not_found", "rate_limited"],
});

export const acceptShareLink = route({
  method: "POST",
  path: "/api/share-links/accept",
  summary: "Come into a session by its link; who is in it already stays what they are",
  needs: "signed-in",
  scope: "sessions:write",
  body: ShareSecret,
  reply: z.object({ session: Session }),
  errors: ["not_found", "quota_exceeded", "rate_limited"],
});
