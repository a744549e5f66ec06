import { OrganisationSettings, type RecordingMode } from "@remote-claude/protocol";

export const minutesOf = { minutes: 1, hours: 60, days: 1440 } as const;
export type DurationUnit = keyof typeof minutesOf;

/** A length of time as a person writes it; an empty amount is no limit. */
export interface DurationDraft {
  readonly amount: string;
  readonly unit: DurationUnit;
}

/** The settings as they stand in the form: text, until it is saved. */
export interface SettingsDraft {
  readonly maxSessionsPerUser: string;
  readonly maxRunningSessionsPerUser: string;
  readonly idleTimeoutMinutes: DurationDraft;
  readonly maxDurationMinutes: DurationDraft;
  /** One on a line. */
  readonly allowedModels: string;
  readonly monthlyBudgetUsd: string;
  readonly adminsMayLookInside: boolean;
  readonly terminalRecording: RecordingMode;
}

export type SettingsProblems = Partial<Record<keyof OrganisationSettings, string>>;

/** In the largest unit that says it in a whole number. */
export function draftDuration(minutes: number | null): DurationDraft {
  if (minutes === null) return { amount: "", unit: "hours" };
  const unit = (["days", "hours"] as const).find((candidate) => minutes % minutesOf[candidate] === 0);
  return { amount: String(minutes / minutesOf[unit ?? "minutes"]), unit: unit ?? "minutes" };
}

const text = (value: number | null) => (value === null ? "" : String(value));

export function draftOf(settings: OrganisationSettings): SettingsDraft {
  return {
    maxSessionsPerUser: text(settings.maxSessionsPerUser),
    maxRunningSessionsPerUser: text(settings.maxRunningSessionsPerUser),
    idleTimeoutMinutes: draftDuration(settings.idleTimeoutMinutes),
    maxDurationMinutes: draftDuration(settings.maxDurationMinutes),
    allowedModels: settings.allowedModels.join("\n"),
    monthlyBudgetUsd: text(settings.monthlyBudgetUsd),
    adminsMayLookInside: settings.adminsMayLookInside,
    terminalRecording: settings.terminalRecording,
  };
}

/** null for nothing written; NaN, which no setting takes, for what is no number. */
function numberOf(written: string): number | null {
  return written.trim() === "" ? null : Number(written);
}

function durationOf({ amount, unit }: DurationDraft): number | null {
  const number = numberOf(amount);
  return number === null ? null : number * minutesOf[unit];
}

/** What the form says, or for each field what is wrong with it. */
export function readDraft(
  draft: SettingsDraft,
): { ok: true; settings: OrganisationSettings } | { ok: false; problems: SettingsProblems } {
  const values = {
    maxSessionsPerUser: numberOf(draft.maxSessionsPerUser),
    maxRunningSessionsPerUser: numberOf(draft.maxRunningSessionsPerUser),
    idleTimeoutMinutes: durationOf(draft.idleTimeoutMinutes),
    maxDurationMinutes: durationOf(draft.maxDurationMinutes),
    allowedModels: draft.allowedModels.split(/[\n,]/).filter((line) => line.trim() !== ""),
    monthlyBudgetUsd: numberOf(draft.monthlyBudgetUsd),
    adminsMayLookInside: draft.adminsMayLookInside,
    terminalRecording: draft.terminalRecording,
  };
  const read = OrganisationSettings.safeParse(values);
  if (read.success) return { ok: true, settings: read.data };
  const problems: SettingsProblems = {};
  for (const { path, message } of read.error.issues) {
    const key = path[0] as keyof OrganisationSettings;
    const none = values[key] === null || Number.isNaN(values[key]);
    problems[key] ??= none ? "a number is needed" : message;
  }
  return { ok: false, problems };
}
