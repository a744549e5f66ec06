import * as z from "zod";

/** The closed catalogue of what is recorded. Past tense: a row tells of an act that happened (or was refused). */
export const AuditAction = z.enum([
  "sign-in.succeeded",
  "sign-in.failed",
  "sign-in.ended",
  "sign-in.link-made",
  "user.created",
  "token.created",
  "token.revoked",
  "settings.changed",
  "session.created",
  "session.started",
  "session.stopped",
  "session.resumed",
  "session.renamed",
  "session.failed",
  "session.deleted",
  "session.shared",
  "session.member-changed",
  "session.member-removed",
  "session.left",
  "session.link-made",
  "session.link-revoked",
  "session.joined",
  "file.read",
  "file.written",
  "file.moved",
  "file.deleted",
  "file.uploaded",
  "file.downloaded",
  "directory.created",
  "command.executed",
  "terminal.opened",
  "terminal.closed",
  "claude.prompted",
  "claude.configured",
  "claude.interrupted",
  "claude.tool-used",
  "claude.permission-asked",
  "claude.permission-answered",
  "claude.turn-ended",
  "model.requested",
  "model.refused",
  "egress.allowed",
  "egress.refused",
  "task.created",
  "task.cancelled",
  "task.ended",
  "artifact.stored",
  "artifact.downloaded",
]);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditResult = z.enum(["success", "refused", "failed"]);
export type AuditResult = z.infer<typeof AuditResult>;

/** On whose account: a person, a token of theirs, Claude for them, or the system. */
export const AuditActorKind = z.enum(["user", "token", "claude", "system"]);
export type AuditActorKind = z.infer<typeof AuditActorKind>;
