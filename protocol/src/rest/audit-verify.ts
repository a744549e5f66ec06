import * as z from "zod";
import { Actor, Time } from "../ids.ts";
import { route } from "./route.ts";

/** What a verification of the record came to. */
export const VerificationReport = z.object({
  seals: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  /** Batches whose rows retention removed. */
  retired: z.int().nonnegative(),
  /** Fingerprints of the keys that signed, the first one first. */
  keys: z.array(z.string()),
  /** The newest seal, to be kept elsewhere. */
  head: z.object({ number: z.string(), hash: z.string() }).nullable(),
  /** What does not fit, each in words that name it; none: the record is whole. */
  problems: z.array(
    z.object({
      kind: z.string(),
      seal: z.string().nullable(),
      row: z.string().nullable(),
      message: z.string(),
    }),
  ),
  /** More were found than are listed. */
  truncated: z.boolean(),
});
export type VerificationReport = z.infer<typeof VerificationReport>;

/** The verification that runs or ran last. */
export const Verification = z.object({
  /** `idle`: none ran yet. `done`: it came to its end, whatever it found. */
  state: z.enum(["idle", "running", "done", "failed"]),
  seals: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  /** How many seals there were at its start. */
  of: z.int().nonnegative(),
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
  by: Actor.nullable(),
  report: VerificationReport.nullable(),
  /** Why it failed. */
  message: z.string().nullable(),
});
export type Verification = z.infer<typeof Verification>;

const common = { path: "/api/audit/verify", needs: "audit.view", scope: "audit:read" } as const;

export const getVerification = route({
  ...common,
  method: "GET",
  summary: "How far the verification of the audit record is, or what the last one found",
  reply: Verification,
});

export const startVerification = route({
  ...common,
  method: "POST",
  summary: "Verify the audit record against its seals and copies; joins the verification that runs",
  reply: Verification,
  status: 202,
});

export const stopVerification = route({
  ...common,
  method: "DELETE",
  summary: "Stop the verification that runs",
  status: 204,
});
