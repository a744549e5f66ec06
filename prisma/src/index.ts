export { createDb, type Db, type DbOptions, openDb, type Transaction } from "./client.ts";
export type {
  AlertRule,
  Artifact,
  AuditLog,
  AuditSeal,
  AuditSealRow,
  Conversation,
  ConversationEvent,
  DeviceGrant,
  GitCredential,
  Invitation,
  ModelUsage,
  Place,
  ProviderMessage,
  RecorderLease,
  Recording,
  Session,
  SessionMember,
  Setting,
  ShareLink,
  SignIn,
  SignInLink,
  Task,
  Token,
  UsageDay,
  User,
  UserIdentity,
} from "./generated/client.ts";
export { Prisma } from "./generated/client.ts";
export * from "./generated/enums.ts";
export { type ListenOptions, listen } from "./listen.ts";
export { newId } from "./new-id.ts";
export { type Read, type Statement, statement } from "./statement.ts";
