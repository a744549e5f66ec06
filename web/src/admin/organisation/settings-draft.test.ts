import { defaultOrganisationSettings, type OrganisationSettings } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { draftDuration, draftOf, readDraft } from "./settings-draft.ts";

const settings: OrganisationSettings = {
  maxSessionsPerUser: 20,
  maxRunningSessionsPerUser: 3,
  idleTimeoutMinutes: 90,
  maxDurationMinutes: 2880,
  allowedModels: ["claude-sonnet-5", "claude-haiku-*"],
  monthlyBudgetUsd: 12.5,
  adminsMayLookInside: true,
  terminalRecording: "output-and-input" as const,
};

describe("the form of the organisation's settings", () => {
  it.each([
    ["everything set", settings],
    ["no limits", defaultOrganisationSettings],
  ])("reads back what it shows, with %s", (_, given) => {
    expect(readDraft(draftOf(given))).toEqual({ ok: true, settings: given });
  });

  it("says a length of time in the largest unit that needs no fraction", () => {
    expect(draftDuration(90)).toEqual({ amount: "90", unit: "minutes" });
    expect(draftDuration(120)).toEqual({ amount: "2", unit: "hours" });
    expect(draftDuration(4320)).toEqual({ amount: "3", unit: "days" });
  });

  it("takes half an hour as thirty minutes", () => {
    const draft = { ...draftOf(settings), idleTimeoutMinutes: { amount: "0.5", unit: "hours" } as const };
    expect(readDraft(draft)).toMatchObject({ ok: true, settings: { idleTimeoutMinutes: 30 } });
  });

  it("names each field that cannot be, in words", () => {
    const draft = {
      ...draftOf(settings),
      maxSessionsPerUser: "",
      maxRunningSessionsPerUser: "2.5",
      idleTimeoutMinutes: { amount: "3", unit: "minutes" } as const,
      maxDurationMinutes: { amount: "soon", unit: "days" } as const,
      allowedModels: "claude-sonnet-5\nclaude haiku",
      monthlyBudgetUsd: "-1",
    };
    expect(readDraft(draft)).toEqual({
      ok: false,
      problems: {
        maxSessionsPerUser: "a number is needed",
        maxRunningSessionsPerUser: "a whole number",
        idleTimeoutMinutes: "at least 5 minutes",
        maxDurationMinutes: "a number is needed",
        allowedModels: "a model's name, such as claude-sonnet-5 or claude-haiku-*",
        monthlyBudgetUsd: "no less than 0",
      },
    });
  });
});
