import * as z from "zod";
import { AuditAction, AuditActorKind, AuditResult } from "../audit.ts";
import { Id, Time } from "../ids.ts";
import { route } from "./route.ts";

/** Several values of `one`, apart by commas. */
const listOf = <Value extends string>(one: z.ZodType<Value>, name: string) =>
  z
    .string()
    .max(8000)
    .refine(
      (text) => text.split(",").every((part) => one.safeParse(part).success),
      `${name}, apart by commas`,
    );

/** Which entries of the record are meant; what is left out means all. */
export const AuditFilter = z.object({
  /** Whoever acted, or on whose account: by themselves, by a token of theirs, or Claude for them. */
  person: Id.optional(),
  session: Id.optional(),
  /** Such as `file.read,file.written`. */
  actions: listOf(AuditAction, "actions").optional(),
  results: listOf(AuditResult, "results").optional(),
  actors: listOf(AuditActorKind, "kinds of actors").optional(),
  /** The network address, or its beginning. */
  address: z.string().trim().min(1).max(100).optional(),
  /** The request's id. */
  request: z.string().trim().min(1).max(100).optional(),
  /** Stands somewhere in the action, in what it was done to, or in the details; upper and lower case are one. */
  text: z.string().trim().min(1).max(200).optional(),
  from: Time.optional(),
  /** Up to, and without, this moment. */
  to: Time.optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

const Named = z.object({ id: Id, name: z.string() });

/** One act, as a reviewer reads it. */
export const AuditEntry = z.object({
  id: Id,
  at: Time,
  actorKind: AuditActorKind,
  /** Whoever acted, or for whom Claude or a token did; null: nobody who is known, or the product itself. */
  person: Named.extend({ email: z.string() }).nullable(),
  token: Named.nullable(),
  onBehalfOf: Named.nullable(),
  /** One of the catalogue; a record that outlives a version may hold one of the past. */
  action: z.string(),
  result: AuditResult,
  session: Named.nullable(),
  /** What it was done to: a path, a host, a name. */
  target: z.string().nullable(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  /** It is in a seal: nobody can alter it unseen any more. */
  sealed: z.boolean(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const listAudit = route({
  method: "GET",
  path: "/api/audit",
  summary:
    "The audit record, newest first. An answer may hold fewer entries than fit, and none: while there is a `next`, more may follow",
  needs: "audit.view",
  scope: "audit:read",
  query: AuditFilter.extend({
    /** The `next` of the answer before. */
    after: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  }),
  reply: z.object({
    entries: z.array(AuditEntry),
    /** null: there are no more. */
    next: z.string().nullable(),
    /** How far back was looked; null: to the end. */
    searchedTo: Time.nullable(),
  }),
});

export const countAudit = route({
  method: "GET",
  path: "/api/audit/counts",
  summary: "How many entries of the audit record there are over time, and of which actions",
  needs: "audit.view",
  scope: "audit:read",
  query: AuditFilter,
  reply: z.object({
    /** Stretches with no entry are left out. */
    counts: z.array(
      z.object({
        /** Its beginning: a multiple of `stepMs` since 1970. */
        at: Time,
        count: z.int().nonnegative(),
        /** Of these, refused or failed. */
        troubled: z.int().nonnegative(),
      }),
    ),
    stepMs: z.int().positive(),
    total: z.int().nonnegative(),
    actions: z.record(z.string(), z.int().positive()),
    /** Only what came since then was counted, there is so much; null: everything. */
    countedSince: Time.nullable(),
  }),
});

const EntryParams = z.object({ auditId: Id });

export const getAuditEntry = route({
  method: "GET",
  path: "/api/audit/entries/{auditId}",
  summary: "One entry of the audit record",
  needs: "audit.view",
  scope: "audit:read",
  params: EntryParams,
  reply: AuditEntry,
  errors: ["not_found"],
});

const Hex = z.string().regex(/^[0-9a-f]+$/);

/** What proves that an entry is in the record: hashes in hexadecimal, the key and signature in base64. */
export const AuditProof = z.object({
  /** The entry as it was sealed: its one JSON text (RFC 8785). */
  line: z.string(),
  /** Its place among the `size` lines of the batch. */
  index: z.int().nonnegative(),
  size: z.int().positive(),
  /** The hashes beside the way up to the root, lowest first (RFC 9162, 2.1.3). */
  path: z.array(Hex),
  seal: z.object({
    number: z.string(),
    /** What was hashed and signed; names the root. */
    header: z.string(),
    hash: Hex,
    signature: z.base64(),
    /** SHA-256 of the public key. */
    keyId: Hex,
    /** Ed25519 (SPKI, DER). */
    publicKey: z.base64(),
  }),
});
export type AuditProof = z.infer<typeof AuditProof>;

export const proveAuditEntry = route({
  method: "GET",
  path: "/api/audit/entries/{auditId}/proof",
  summary: "What proves that an entry is in the audit record",
  needs: "audit.view",
  scope: "audit:read",
  params: EntryParams,
  /** null: not sealed yet, which it will be within a minute or so. */
  reply: z.object({ proof: AuditProof.nullable() }),
  errors: ["not_found"],
});

/** Somebody or something that entries can be looked for by. */
export const AuditChoice = Named.extend({
  /** Tells those of one name apart. */
  about: z.string(),
});
export type AuditChoice = z.infer<typeof AuditChoice>;

const Search = z.object({ search: z.string().trim().max(200).default("") });

export const findAuditPeople = route({
  method: "GET",
  path: "/api/audit/people",
  summary: "People to look for in the audit record, by name or address; the first twenty",
  needs: "audit.view",
  scope: "audit:read",
  query: Search,
  reply: z.object({ people: z.array(AuditChoice) }),
});

export const findAuditSessions = route({
  method: "GET",
  path: "/api/audit/sessions",
  summary: "Sessions to look for in the audit record, by name or owner, deleted ones too; the first twenty",
  needs: "audit.view",
  scope: "audit:read",
  query: Search,
  reply: z.object({ sessions: z.array(AuditChoice) }),
});
