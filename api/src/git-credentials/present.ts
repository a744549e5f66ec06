import type { GitCredential as GitCredentialRow } from "@remote-claude/prisma";
import type { GitCredential } from "@remote-claude/protocol";

/** What a list needs of a row. The secret is not even read for it. */
export type ListedCredential = Pick<
  GitCredentialRow,
  "host" | "username" | "hint" | "createdAt" | "lastUsedAt"
>;

export function presentGitCredential(row: ListedCredential): GitCredential {
  return {
    host: row.host,
    username: row.username,
    hint: row.hint,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
