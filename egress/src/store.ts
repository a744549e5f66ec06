import type { Db, GitCredential, Prisma } from "@remote-claude/prisma";
import { type OrganisationSettings, organisationSettingsOf } from "@remote-claude/protocol";

/** Whose session is in a place, and what they may spend. */
export interface Occupant {
  readonly sessionId: string;
  readonly userId: string;
  /** false: the account is disabled; nothing is done on it. */
  readonly userActive: boolean;
  /** Each list must allow a model: the organisation's, and the person's own. An empty one allows all. */
  readonly allowedModels: readonly (readonly string[])[];
  /** null: no limit. */
  readonly monthlyBudgetUsd: number | null;
}

export interface PlaceRow {
  readonly placeId: string;
  readonly template: string;
  /** null: a place of the warm pool that nobody has claimed. */
  readonly occupant: Occupant | null;
}

export type SealedGitCredential = Pick<GitCredential, "id" | "username" | "secret" | "keyId" | "lastUsedAt">;
export type UsageRow = Prisma.ModelUsageCreateManyInput & { userId: string };
/** When a row was written, Postgres alone says; when the act was, its details. */
export type AuditRow = Omit<Prisma.AuditLogCreateManyInput, "at" | "txid" | "details"> & {
  readonly details: { readonly occurredAt: string } & Prisma.InputJsonObject;
};

/** What egress reads from and writes to the database. Everything here may reject while it is down. */
export interface EgressStore {
  /** Every place that is not removed. */
  listPlaces(): Promise<readonly PlaceRow[]>;
  /** null: unknown or removed. */
  findPlace(placeId: string): Promise<PlaceRow | null>;
  /** What a person spent since the beginning of that day (UTC), in US dollars. */
  spentSince(userId: string, day: Date): Promise<number>;
  /** What a person stored for a git host, sealed; null: nothing. */
  findGitCredential(userId: string, host: string): Promise<SealedGitCredential | null>;
  noteGitCredentialUse(id: string, at: Date): Promise<void>;
  addUsage(rows: readonly UsageRow[]): Promise<void>;
  addAudit(rows: readonly AuditRow[]): Promise<void>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
}

const placeSelect = {
  id: true,
  template: true,
  session: {
    select: {
      id: true,
      owner: { select: { id: true, status: true, allowedModels: true, monthlyBudgetUsd: true } },
    },
  },
} as const satisfies Prisma.PlaceSelect;
type SelectedPlace = Prisma.PlaceGetPayload<{ select: typeof placeSelect }>;

export function createStore(db: Db): EgressStore {
  return {
    async listPlaces() {
      const [places, settings] = await db.$transaction([
        db.place.findMany({ where: { removedAt: null }, select: placeSelect }),
        db.setting.findMany(),
      ]);
      const organisation = organisationSettingsOf(settings);
      return places.map((place) => toRow(place, organisation));
    },
    async findPlace(placeId) {
      const [place, settings] = await db.$transaction([
        db.place.findFirst({ where: { id: placeId, removedAt: null }, select: placeSelect }),
        db.setting.findMany(),
      ]);
      return place === null ? null : toRow(place, organisationSettingsOf(settings));
    },
    async spentSince(userId, day) {
      const sum = await db.usageDay.aggregate({
        where: { userId, day: { gte: day } },
        _sum: { costUsd: true },
      });
      return sum._sum.costUsd?.toNumber() ?? 0;
    },
    findGitCredential(userId, host) {
      return db.gitCredential.findUnique({
        where: { userId_host: { userId, host } },
        select: { id: true, username: true, secret: true, keyId: true, lastUsedAt: true },
      });
    },
    async noteGitCredentialUse(id, at) {
      // By itself, so that a credential that was removed meanwhile is no error.
      await db.gitCredential.updateMany({ where: { id }, data: { lastUsedAt: at } });
    },
    async addUsage(rows) {
      await db.modelUsage.createMany({ data: [...rows] });
    },
    async addAudit(rows) {
      await db.auditLog.createMany({ data: [...rows] });
    },
    async check() {
      await db.$queryRaw`select 1`;
    },
  };
}

function toRow({ id, template, session }: SelectedPlace, organisation: OrganisationSettings): PlaceRow {
  return {
    placeId: id,
    template,
    occupant:
      session === null
        ? null
        : {
            sessionId: session.id,
            userId: session.owner.id,
            userActive: session.owner.status === "active",
            allowedModels: [organisation.allowedModels, session.owner.allowedModels],
            monthlyBudgetUsd: session.owner.monthlyBudgetUsd?.toNumber() ?? organisation.monthlyBudgetUsd,
          },
  };
}
