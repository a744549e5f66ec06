import type { ShareLink as LinkRow } from "@remote-claude/prisma";
import type { SessionMember, SharedRole, ShareLink } from "@remote-claude/protocol";
import { can } from "../policy/index.ts";
import { isAdminsLook, type MemberRow } from "./people.ts";

function cameBy(row: MemberRow): SessionMember["by"] {
  if (row.role === "owner") return "owning";
  if (isAdminsLook(row)) return "admin";
  return row.shareLinkId === null ? "owner" : "link";
}

export function presentMember(row: MemberRow): SessionMember {
  return {
    user: { id: row.userId, name: row.name, email: row.email },
    role: row.role,
    mayAnswer: can({ role: "member" }, "session.answer", row),
    by: cameBy(row),
    addedAt: row.addedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

export function presentLink({ id, role, once, uses, createdAt, expiresAt }: LinkRow): ShareLink {
  return {
    id,
    // The table takes no link that makes owners.
    role: role as SharedRole,
    once,
    uses,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
