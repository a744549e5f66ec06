import * as z from "zod";

/** A model's name as the endpoint knows it, with or without its date; `*` at the end stands for any rest. */
export const ModelPattern = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9._:@/-]+\*?$/, "a model's name, such as claude-sonnet-5 or claude-haiku-*");

const Minutes = z.int("whole minutes").min(5, "at least 5 minutes").max(525_600, "at most a year");
const Count = z.int("a whole number").min(1, "at least 1").max(10_000, "at most 10,000");

/** What is recorded of terminals: nothing, what programs put out, or also what people type (secrets excepted). */
export const RecordingMode = z.enum(["off", "output", "output-and-input"]);
export type RecordingMode = z.infer<typeof RecordingMode>;

/**
 * What holds for the whole organisation and an admin may change while everything runs: each is a row of the table
 * `settings` under its own name, and one without a row has its default. `null`: no limit.
 */
export const OrganisationSettings = z.strictObject({
  /** Sessions that one person may own, stopped ones included. */
  maxSessionsPerUser: Count,
  /** Of these, how many may be up at once; a paused one is, for it keeps its memory. */
  maxRunningSessionsPerUser: Count.nullable(),
  /** A session that nobody uses and in which nothing works is stopped after so long, or paused where its template says so. */
  idleTimeoutMinutes: Minutes.nullable(),
  /** A session is stopped so long after its start, used or not. */
  maxDurationMinutes: Minutes.nullable(),
  /** The models that Claude may use; empty: all. */
  allowedModels: z.array(ModelPattern).max(100, "at most 100 models"),
  /** What one person may spend in a month (UTC), unless a budget of their own says otherwise. */
  monthlyBudgetUsd: z.number().min(0, "no less than 0").max(1_000_000, "at most 1,000,000").nullable(),
  /** Admins may become viewers of other people's sessions, on record and shown to the owner. */
  adminsMayLookInside: z.boolean(),
  /** Terminals are recorded for auditors, and say so. */
  terminalRecording: RecordingMode,
});
export type OrganisationSettings = z.infer<typeof OrganisationSettings>;

/** Where neither an admin nor the configuration said anything. */
export const defaultOrganisationSettings: OrganisationSettings = {
  maxSessionsPerUser: 50,
  maxRunningSessionsPerUser: null,
  idleTimeoutMinutes: null,
  maxDurationMinutes: null,
  allowedModels: [],
  monthlyBudgetUsd: null,
  adminsMayLookInside: false,
  terminalRecording: "output",
};

/** The settings that these rows stand for. A row that does not fit (another release's, say) counts as none. */
export function organisationSettingsOf(
  rows: readonly { readonly key: string; readonly value: unknown }[],
  defaults: OrganisationSettings = defaultOrganisationSettings,
): OrganisationSettings {
  const stored = new Map(rows.map(({ key, value }) => [key, value]));
  const settings = Object.entries(OrganisationSettings.shape).map(([key, schema]) => {
    const parsed = schema.safeParse(stored.get(key));
    return [
      key,
      parsed.success && stored.has(key) ? parsed.data : defaults[key as keyof OrganisationSettings],
    ];
  });
  return OrganisationSettings.parse(Object.fromEntries(settings));
}

/** Whether a person may use a model. An entry is an id, which covers its dated releases, or ends in `*`. */
export function isModelAllowed(model: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  const name = model.toLowerCase().replace(/\[[^\]]*\]$/, "");
  return allowed.some((entry) => {
    const wanted = entry.trim().toLowerCase();
    if (wanted.endsWith("*")) return name.startsWith(wanted.slice(0, -1));
    return (
      name === wanted || (name.startsWith(`${wanted}-`) && /^\d{8}$/.test(name.slice(wanted.length + 1)))
    );
  });
}
