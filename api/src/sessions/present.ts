import type { Session } from "@remote-claude/protocol";
import type { SessionAccess } from "../context.ts";
import { sessionAbilitiesOf } from "../policy/index.ts";

/** A session as the person with this access sees it. The list (queries.ts) is written so by Postgres. */
export function presentSession(access: SessionAccess): Session {
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
    nextStop: session.nextStop,
    sizeBytes: session.sizeBytes,
    costUsd: session.costUsd,
    waiting: session.waiting,
  };
}
