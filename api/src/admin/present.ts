import type { AdminSession, AdminUser } from "@remote-claude/protocol";
import type { AdminSessionRow } from "./sessions.ts";
import type { UserRow } from "./users.ts";

export function presentUserRow(row: UserRow): AdminUser {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
  };
}

export function presentSessionRow(row: AdminSessionRow): AdminSession {
  const { ownerId, ownerName, ownerEmail, createdAt, lastActiveAt, ...rest } = row;
  return {
    ...rest,
    owner: { id: ownerId, name: ownerName, email: ownerEmail },
    createdAt: createdAt.toISOString(),
    lastActiveAt: lastActiveAt.toISOString(),
  };
}
