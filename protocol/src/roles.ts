import * as z from "zod";

export const OrganisationRole = z.enum(["admin", "auditor", "member"]);
export type OrganisationRole = z.infer<typeof OrganisationRole>;

export const SessionRole = z.enum(["owner", "editor", "viewer"]);
export type SessionRole = z.infer<typeof SessionRole>;

/** What one can be in somebody else's session. */
export const SharedRole = SessionRole.exclude(["owner"]);
export type SharedRole = z.infer<typeof SharedRole>;

/** What a person may do in one session. The server decides by these; the browser draws by them. */
export const SessionAbility = z.enum([
  "session.view",
  "session.use",
  "session.answer",
  "session.manage",
  "session.delete",
  "session.share",
]);
export type SessionAbility = z.infer<typeof SessionAbility>;

/** What a person may do in the organisation. */
export const OrganisationAbility = z.enum([
  "sessions.create",
  "sessions.list-all",
  "users.manage",
  "settings.manage",
  "audit.view",
]);
export type OrganisationAbility = z.infer<typeof OrganisationAbility>;

export const sessionAbilities = {
  owner: [
    "session.view",
    "session.use",
    "session.answer",
    "session.manage",
    "session.delete",
    "session.share",
  ],
  editor: ["session.view", "session.use", "session.answer", "session.manage"],
  viewer: ["session.view"],
} as const satisfies Record<SessionRole, readonly SessionAbility[]>;

export const organisationAbilities = {
  admin: ["sessions.create", "sessions.list-all", "users.manage", "settings.manage", "audit.view"],
  auditor: ["audit.view"],
  member: ["sessions.create"],
} as const satisfies Record<OrganisationRole, readonly OrganisationAbility[]>;
