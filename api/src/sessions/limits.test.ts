import { defaultOrganisationSettings, Template } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { deadlineOf, lengthInWords, limitsOf } from "./limits.ts";

const template = (idle: { action: "none" | "stop" | "pause"; afterMinutes?: number }) =>
  Template.parse({ name: "one", idle });
const settings = (idleTimeoutMinutes: number | null, maxDurationMinutes: number | null = null) => ({
  ...defaultOrganisationSettings,
  idleTimeoutMinutes,
  maxDurationMinutes,
});
const minutes = (count: number) => count * 60_000;

describe("the limits of a session", () => {
  it.each([
    ["neither says one", template({ action: "none" }), settings(null), null],
    [
      "the template alone says one",
      template({ action: "stop", afterMinutes: 30 }),
      settings(null),
      [30, "stop"],
    ],
    ["the organisation alone says one", template({ action: "none" }), settings(45), [45, "stop"]],
    [
      "the template's is shorter",
      template({ action: "pause", afterMinutes: 30 }),
      settings(45),
      [30, "pause"],
    ],
    [
      "the organisation's is shorter",
      template({ action: "pause", afterMinutes: 90 }),
      settings(45),
      [45, "pause"],
    ],
    ["the template is gone", undefined, settings(45), [45, "stop"]],
  ] as const)("for idleness, when %s", (_, given, organisation, expected) => {
    const { idle } = limitsOf(given, organisation);
    expect(idle).toEqual(expected === null ? null : { afterMs: minutes(expected[0]), action: expected[1] });
  });

  const session = { state: "running", startedAt: new Date(0), lastActiveAt: new Date(minutes(100)) } as const;

  it("end it at the first of its deadlines, and warn five minutes before", () => {
    const limits = limitsOf(undefined, settings(60, 480));
    expect(deadlineOf(session, limits)).toMatchObject({
      at: minutes(160),
      warnsAt: minutes(155),
      reason: "idle",
    });
    const used = { ...session, lastActiveAt: new Date(minutes(470)) };
    expect(deadlineOf(used, limits)).toMatchObject({
      at: minutes(480),
      reason: "max-duration",
      action: "stop",
    });
  });

  it("warn after half of a time that is shorter than that", () => {
    const limits = limitsOf(template({ action: "stop", afterMinutes: 4 }), settings(null));
    expect(deadlineOf(session, limits)).toMatchObject({ at: minutes(104), warnsAt: minutes(102) });
  });

  it("leave a paused one alone but for the longest run", () => {
    const paused = { ...session, state: "paused" } as const;
    expect(deadlineOf(paused, limitsOf(undefined, settings(60)))).toBeNull();
    expect(deadlineOf(paused, limitsOf(undefined, settings(60, 480)))?.at).toBe(minutes(480));
  });

  it("are said in the unit that needs no fraction", () => {
    expect([90, 60, 120, 1440, 2880, 1].map((count) => lengthInWords(minutes(count)))).toEqual([
      "90 minutes",
      "1 hour",
      "2 hours",
      "1 day",
      "2 days",
      "1 minute",
    ]);
  });
});
