import { describe, expect, it } from "vitest";
import type { TextItem } from "./items.ts";
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

  it("is the beginning of a long message", () => {
    const said = saidSince([text("1", "word ".repeat(1000))], null);
    expect(said).toHaveLength(601);
    expect(said?.endsWith("…")).toBe(true);
  });
});
