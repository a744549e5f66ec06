import { describe, expect, it } from "vitest";
import { storableJson, storableText } from "./storable.ts";

describe("what Postgres refuses in text", () => {
  it("is replaced, wherever it is, and nothing else is touched", () => {
    const fine = { list: [1, null, "å\u{1f600}\\u0000"], deep: { text: "\u0001" } };
    expect(storableJson(fine)).toBe(fine);
    expect(storableText("a\0b\ud800")).toBe("a\ufffdb\ufffd");
    expect(storableJson({ "k\0": ["\0", { "\udc00": 1 }] })).toEqual({
      "k\ufffd": ["\ufffd", { "\ufffd": 1 }],
    });
  });

  it("is replaced in JSON that is nested for ever, without an overflow", () => {
    const deep = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
    expect(JSON.stringify(storableJson(deep)).length).toBeLessThan(500);
  });
});
