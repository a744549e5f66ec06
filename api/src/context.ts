import type { Db, Read, SessionSource } from "@remote-claude/prisma";
import type {
  Actor,
  Isolation,
  NextStop,
  OrganisationRole,
  PlaceState,
  SessionRole,
  SessionState,
  StopReason,
} from "@remote-claude/protocol";
import type { Logger } from "pino";
import type { Agents } from "./agents/index.ts";
import type { Config } from "./config.ts";
import type { ApiMetrics } from "./lib/api-metrics.ts";
import type { Manager } from "./manager/index.ts";
import type { Broadcaster, Replicas } from "./replicas/index.ts";
import type { Storage } from "./storage/index.ts";

export type { Broadcaster };

/** The time, as a dependency, so that tests can move it. */
export interface Clock {
  now(): Date;
}

/** Everything a service function may need; made once in app.ts and passed down. */
export interface Context {
  readonly config: Config;
  readonly db: Db;
  /** On the same pool, for what requests begin with. */
  readonly read: Read;
  readonly log: Logger;
  readonly metrics: ApiMetrics;
  readonly clock: Clock;
  readonly manager: Manager;
  readonly agents: Agents;
  readonly storage: Storage;
  readonly broadcast: Broadcaster;
  readonly replicas: Replicas;
}

/** Who acts, how they proved it and from where: what policy decides by and audit records. */
export interface Principal extends Actor {
  readonly email: string;
  readonly role: OrganisationRole;
  /** A token's scopes; empty: all that its owner may. */
  readonly via: { kind: "sign-in"; id: string } | { kind: "token"; id: string; scopes: readonly string[] };
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
}

/** A session's row with what always goes with it, as one query reads it. Never leaves the process as it is. */
export interface SessionRecord {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly state: SessionState;
  readonly stateMessage: string | null;
  readonly stopReason: StopReason | null;
  readonly template: string;
  readonly source: SessionSource;
  readonly repositoryUrl: string | null;
  readonly branch: string | null;
  readonly archiveKey: string | null;
  readonly prepared: boolean;
  readonly isolation: Isolation | null;
  readonly sizeBytes: number | null;
  readonly costUsd: number;
  readonly createdAt: Date;
  readonly lastActiveAt: Date;
  /** As Postgres writes it for the wire. */
  readonly nextStop: NextStop | null;
  /** null once the place is removed. */
  readonly placeId: string | null;
  /** What was last known of the place. */
  readonly placeState: PlaceState | null;
  /** A conversation waits for somebody's answer. */
  readonly waiting: boolean;
}

/** A session and what the person who asked is in it. Whoever is nothing in it never gets one. */
export interface SessionAccess {
  readonly session: SessionRecord;
  readonly role: SessionRole;
  /** Whether they may answer Claude's permission questions; null: as the role says. */
  readonly mayAnswer: boolean | null;
}
