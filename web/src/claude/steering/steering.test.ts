import { describe, expect, it } from "vitest";
import { fillOf } from "./context-fill.ts";
import { readLimits } from "./limits.ts";
import { modelLabel } from "./models.ts";

describe("limits as they are typed", () => {
  it("are numbers, or none where nothing is written", () => {
    expect(readLimits("2,50", "30")).toEqual({ budgetUsd: 2.5, stepLimit: 30 });
    expect(readLimits(" $10 ", "")).toEqual({ budgetUsd: 10, stepLimit: null });
    expect(readLimits("", " ")).toEqual({ budgetUsd: null, stepLimit: null });
  });

  it("say which of them is wrong", () => {
    expect(readLimits("0", "")).toEqual({ error: expect.stringContaining("budget") });
    expect(readLimits("ten", "")).toEqual({ error: expect.stringContaining("budget") });
    expect(readLimits("", "1.5")).toEqual({ error: expect.stringContaining("steps") });
    expect(readLimits("1", "0")).toEqual({ error: expect.stringContaining("steps") });
  });
});

describe("the model's button", () => {
  const sonnet = {
    value: "sonnet",
    displayName: "Sonnet",
    description: "",
    resolved: "claude-sonnet-5-5",
    efforts: [],
    thinkingCanBeOff: true,
  };

  it("names the model by its alias or by its full name, and the effort where one was chosen", () => {
    expect(modelLabel([sonnet], "sonnet", null)).toBe("Sonnet");
    expect(modelLabel([sonnet], "claude-sonnet-5-5", "high")).toBe("Sonnet · high");
    expect(modelLabel([sonnet], "claude-of-old", null)).toBe("claude-of-old");
    expect(modelLabel(undefined, "default", "max")).toBe("Default model · maximum");
  });
});

describe("the context meter", () => {
  const usage = (usedTokens: number, compactsAtTokens: number | null) => ({
    model: "m",
    usedTokens,
    windowTokens: 200_000,
    compactsAtTokens,
    parts: [],
    memoryFiles: [],
  });

  it("warns where Claude Code is about to shorten by itself, which is before the window is full", () => {
    expect(fillOf(usage(20_000, 160_000))).toMatchObject({ percent: 10, level: "fine" });
    expect(fillOf(usage(130_000, 160_000))).toMatchObject({ percent: 65, level: "near" });
    expect(fillOf(usage(155_000, 160_000))).toMatchObject({ level: "full" });
  });

  it("counts to the end of the window where it does not", () => {
    expect(fillOf(usage(130_000, null))).toMatchObject({ level: "fine" });
    expect(fillOf(usage(199_000, null))).toMatchObject({ percent: 100, level: "full" });
    expect(fillOf({ ...usage(0, null), windowTokens: 0 })).toMatchObject({ percent: 0, level: "fine" });
  });
});
