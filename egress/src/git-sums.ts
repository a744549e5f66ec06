import type { AuditAction } from "@remote-claude/protocol";
import type { PushedRef } from "./git-exchange.ts";
import { rowOf, type Speaker } from "./speaker.ts";
import type { AuditRow } from "./store.ts";

/** Something that went from a repository into a session, or the other way. */
export interface GitAct {
  readonly speaker: Speaker;
  readonly action: Extract<AuditAction, "git.fetched" | "git.pushed">;
  readonly host: string;
  readonly port: number;
  readonly repository: string;
  /** The owner's credential was sent along. */
  readonly credentialSent: boolean;
  readonly refs: readonly PushedRef[];
  readonly moreRefs: boolean;
  /** false: the session or the host went away before the host had said what became of it. */
  readonly answered: boolean;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

interface Sum {
  readonly act: GitAct;
  readonly at: Date;
  count: number;
  bytesSent: number;
  bytesReceived: number;
  refs: PushedRef[];
  moreRefs: boolean;
}

/** Refs that one row names. */
const maxRefs = 100;

/** Equal acts of one batch become one row: a session may fetch in a loop. */
export function createGitSums(): { add(act: GitAct): void; drain(): AuditRow[] } {
  let sums = new Map<string, Sum>();
  return {
    add(act) {
      const { speaker, action, host, port, repository, credentialSent, answered } = act;
      const session = speaker.occupant?.sessionId ?? "";
      const what = [action, host, port, repository, credentialSent, answered];
      const key = JSON.stringify([speaker.placeId, session, ...what]);
      const sum = sums.get(key) ?? {
        act,
        at: new Date(),
        count: 0,
        bytesSent: 0,
        bytesReceived: 0,
        refs: [],
        moreRefs: false,
      };
      sums.set(key, sum);
      sum.count += 1;
      sum.bytesSent += act.bytesSent;
      sum.bytesReceived += act.bytesReceived;
      sum.moreRefs ||= act.moreRefs || sum.refs.length + act.refs.length > maxRefs;
      sum.refs = [...sum.refs, ...act.refs].slice(0, maxRefs);
    },
    drain() {
      const closed = [...sums.values()];
      sums = new Map();
      return closed.map(toRow);
    },
  };
}

function toRow({ act, at, count, bytesSent, bytesReceived, refs, moreRefs }: Sum): AuditRow {
  const { speaker, action, host, port, repository, credentialSent, answered } = act;
  const allRefused = refs.length > 0 && refs.every(({ refused }) => refused);
  return {
    ...rowOf(speaker, at),
    actorKind: "user",
    action,
    result: answered ? (allRefused ? "refused" : "success") : "failed",
    target: `${port === 443 ? host : `${host}:${port}`}${repository.slice(0, 1000)}`,
    details: {
      occurredAt: at.toISOString(),
      placeId: speaker.placeId,
      host,
      port,
      repository: repository.slice(0, 1000),
      credentialSent,
      count,
      bytesSent,
      bytesReceived,
      ...(action === "git.pushed" ? { answered, refs: refs.map((ref) => ({ ...ref })), moreRefs } : {}),
    },
  };
}
