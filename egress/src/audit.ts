import type { AuditAction } from "@remote-claude/protocol";
import type { Logger } from "pino";
import { type Batcher, createBatcher } from "./batcher.ts";
import { createGitSums, type GitAct } from "./git-sums.ts";
import { rowOf, type Speaker } from "./speaker.ts";
import type { AuditRow, EgressStore } from "./store.ts";

export type { Speaker };

/** By which door something left, or tried to. */
export type Door = "connect" | "http" | "https" | "git";

export interface EgressDecision {
  readonly speaker: Speaker;
  readonly door: Door;
  readonly host: string;
  readonly port: number;
}

export interface ModelDecision {
  readonly speaker: Speaker;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly model: string | null;
}

/** Puts every decision into the log and into audit rows. */
export interface EgressAudit {
  /** Allowed, before a byte flows. */
  allowed(decision: EgressDecision): void;
  /** The end of something allowed. */
  ended(decision: EgressDecision, bytes: { sent: number; received: number }): void;
  refused(decision: EgressDecision, reason: string): void;
  /** Something was fetched from a repository, or pushed to it. */
  gitDone(act: GitAct): void;
  modelRequested(decision: ModelDecision, status: number): void;
  modelRefused(decision: ModelDecision, reason: string): void;
  flush(): Promise<void>;
  /** How many rows wait to be written. */
  waiting(): number;
  stop(): Promise<void>;
}

interface Sum {
  readonly decision: EgressDecision;
  readonly at: Date;
  opened: number;
  closed: number;
  bytesSent: number;
  bytesReceived: number;
}

/** Refusals of one place that are recorded one by one between two batches; what is beyond that is counted. */
const maxRefusalsEach = 100;

interface Refusals {
  readonly speaker: Speaker;
  readonly at: Date;
  count: number;
}

export function createAudit(store: EgressStore, log: Logger): EgressAudit {
  // A session that asks in a loop must fill neither the log nor the database, nor push others' rows out.
  let refusals = new Map<string, Refusals>();
  // Equal allowed connections of one batch become one row with counts: an install opens hundreds.
  let sums = new Map<string, Sum>();
  const gitSums = createGitSums();
  const batcher: Batcher<AuditRow> = createBatcher<AuditRow>({
    what: "audit",
    write: (rows) => store.addAudit(rows),
    check: () => store.check(),
    log,
    drain() {
      const closed = sums;
      sums = new Map();
      const beyond = [...refusals.values()].filter(({ count }) => count > maxRefusalsEach);
      refusals = new Map();
      for (const { speaker, count } of beyond) log.warn({ ...who(speaker), count }, "refusals beyond record");
      return [...[...closed.values()].map(toRow), ...gitSums.drain(), ...beyond.map(toRowOfMany)];
    },
  });

  /** false: there were too many of late, and this one is only counted. */
  const isForRecord = (speaker: Speaker): boolean => {
    const key = `${speaker.placeId} ${speaker.occupant?.sessionId ?? ""}`;
    const known = refusals.get(key) ?? { speaker, at: new Date(), count: 0 };
    known.count += 1;
    refusals.set(key, known);
    return known.count <= maxRefusalsEach;
  };

  const sumOf = (decision: EgressDecision): Sum => {
    const { speaker, door, host, port } = decision;
    const key = `${speaker.placeId} ${speaker.occupant?.sessionId ?? ""} ${door} ${host} ${port}`;
    const known = sums.get(key);
    if (known !== undefined) return known;
    const sum = { decision, at: new Date(), opened: 0, closed: 0, bytesSent: 0, bytesReceived: 0 };
    sums.set(key, sum);
    return sum;
  };

  const model = (decision: ModelDecision, action: AuditAction, details: Record<string, string | number>) => {
    const { speaker, method, path, model: name } = decision;
    const at = new Date();
    batcher.add({
      ...rowOf(speaker, at),
      actorKind: "claude",
      action,
      result: action === "model.refused" ? "refused" : "success",
      target: name ?? path,
      details: {
        occurredAt: at.toISOString(),
        placeId: speaker.placeId,
        method,
        path,
        ...(name === null ? {} : { model: name }),
        ...details,
      },
    });
  };

  return {
    allowed(decision) {
      log.info({ ...said(decision), verdict: "allowed" }, "egress");
      sumOf(decision).opened += 1;
    },
    ended(decision, { sent, received }) {
      log.debug({ ...said(decision), bytesSent: sent, bytesReceived: received }, "egress ended");
      const sum = sumOf(decision);
      sum.closed += 1;
      sum.bytesSent += sent;
      sum.bytesReceived += received;
    },
    refused(decision, reason) {
      const { speaker, door, host, port } = decision;
      if (!isForRecord(speaker)) return;
      log.info({ ...said(decision), verdict: "refused", reason }, "egress");
      const at = new Date();
      batcher.add({
        ...rowOf(speaker, at),
        actorKind: "user",
        action: "egress.refused" satisfies AuditAction,
        result: "refused",
        target: targetOf(decision),
        details: {
          occurredAt: at.toISOString(),
          placeId: speaker.placeId,
          door,
          host: host.slice(0, 253),
          port,
          reason,
        },
      });
    },
    gitDone(act) {
      const { speaker, action, repository } = act;
      log.info({ ...who(speaker), action, target: targetOf(act), repository }, "git");
      gitSums.add(act);
    },
    modelRequested(decision, status) {
      log.info({ ...who(decision.speaker), model: decision.model, status, verdict: "requested" }, "model");
      model(decision, "model.requested", { status });
    },
    modelRefused(decision, reason) {
      if (!isForRecord(decision.speaker)) return;
      log.info({ ...who(decision.speaker), model: decision.model, verdict: "refused", reason }, "model");
      model(decision, "model.refused", { reason });
    },
    flush: () => batcher.flush(),
    waiting: () => batcher.waiting(),
    stop: () => batcher.stop(),
  };
}

const who = ({ placeId, occupant }: Speaker) => ({
  place: placeId,
  session: occupant?.sessionId ?? null,
  user: occupant?.userId ?? null,
});

const targetOf = ({ host, port }: Pick<EgressDecision, "host" | "port">) => `${host.slice(0, 253)}:${port}`;

const said = (decision: EgressDecision) => ({
  ...who(decision.speaker),
  door: decision.door,
  target: targetOf(decision),
});

function toRow({ decision, at, opened, closed, bytesSent, bytesReceived }: Sum): AuditRow {
  const { speaker, door, host, port } = decision;
  return {
    ...rowOf(speaker, at),
    actorKind: "user",
    action: "egress.allowed" satisfies AuditAction,
    result: "success",
    target: targetOf(decision),
    details: {
      occurredAt: at.toISOString(),
      placeId: speaker.placeId,
      door,
      host,
      port,
      opened,
      closed,
      bytesSent,
      bytesReceived,
    },
  };
}

function toRowOfMany({ speaker, at, count }: Refusals): AuditRow {
  return {
    ...rowOf(speaker, at),
    actorKind: "user",
    action: "egress.refused" satisfies AuditAction,
    result: "refused",
    target: null,
    details: {
      occurredAt: at.toISOString(),
      placeId: speaker.placeId,
      reason: "too-many",
      more: count - maxRefusalsEach,
    },
  };
}
