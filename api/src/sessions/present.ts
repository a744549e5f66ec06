import type { Session, SessionRole } from "@remote-claude/protocol";
import type { SessionRecord } from "../context.ts";
import { sessionAbilitiesOf } from "../policy/index.ts";

/** What of a session's record anybody may be shown; lists read no more. */
export type ShownSession = Omit<SessionRecord, "source" | "archiveKey" | "prepared" | "placeId">;
export interface ShownAccess {
  readonly session: ShownSession;
  readonly role: SessionRole;
}

/** A session as the person with this access sees it. */
export function presentSession(access: ShownAccess): Session {
  const { session, role } = access;
  return {
    id: session.id,
    name: session.name,
    state: session.state,
    stateMessage: session.stateMessage,
    stopReason: session.stopReason,
    template: session.template,
    repositoryUrl: session.repositoryUrl,
    branch: session.branch,
    isolation: session.isolation,
    owner: { id: session.ownerId, name: session.ownerName },
    role,
    abilities: sessionAbilitiesOf(access),
    createdAt: session.createdAt.toISOString(),
    lastActiveAt: session.lastActiveAt.toISOString(),
    sizeBytes: session.sizeBytes,
    costUsd: session.costUsd,
    waiting: session.waiting,
  };
}
