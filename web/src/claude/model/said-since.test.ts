import { describe, expect, it } from "vitest";
import type { TextItem, TurnEndItem, TurnFailureItem } from "./items.ts";
import { lastSaid, saidSince } from "./said-since.ts";

const text = (key: string, words: string, streaming = false): TextItem => ({
  kind: "text",
  key,
  text: words,
  streaming,
  aborted: false,
});

describe("what a screen reader is told", () => {
  it("is each message that was finished since, and not what is being written", () => {
    const items = [text("1", "one"), text("2", "two"), text("3", "three"), text("4", "fo", true)];
    expect(lastSaid(items)).toBe("3");
    expect(saidSince(items, "1")).toBe("two\nthree");
    expect(saidSince(items, "3")).toBeNull();
  });

  it("is everything in a conversation that began while one listened", () => {
    expect(saidSince([text("1", "hello")], lastSaid([]))).toBe("hello");
  });

  it("is nothing when the last message was let go of", () => {
    expect(saidSince([text("2", "two")], "1")).toBeNull();
  });

  it("is that a turn has ended, and how", () => {
    const ended = {
      durationMs: 1,
      costUsd: 0,
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
    };
    const done: TurnEndItem = { kind: "turn-end", key: "2", outcome: "completed", ...ended };
    const failed: TurnFailureItem = {
      ...{ kind: "turn-failure", key: "3", reason: "overloaded", message: "529", retryable: true },
      ...{ retryAt: null, prompt: null, ...ended },
    };
    expect(saidSince([text("1", "It is **ready**."), done], null)).toBe("It is ready.\nClaude is done.");
    expect(saidSince([{ ...done, outcome: "interrupted" }], null)).toBe("Claude was stopped.");
    expect(saidSince([done, failed], "2")).toMatch(/^The model is overloaded\./);
    expect(lastSaid([done, failed])).toBe("3");
  });

  it("is the beginning of a long message", () => {
    const said = saidSince([text("1", "word ".repeat(1000))], null);
    expect(said).toHaveLength(601);
    expect(said?.endsWith("…")).toBe(true);
  });
});
