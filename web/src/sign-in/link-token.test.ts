import { describe, expect, it } from "vitest";
import { firstStep, tokenOf } from "./link-token.ts";

describe("tokenOf", () => {
  it.each([
    ["#abc-_1", "abc-_1"],
    ["#a%2Bb", "a+b"],
    ["#", null],
    ["", null],
    ["#%", null],
  ])("reads %j", (hash, token) => {
    expect(tokenOf(hash)).toBe(token);
  });
});

describe("firstStep", () => {
  it("signs in unasked when nobody is signed in", () => {
    expect(firstStep("token", null)).toBe("sign-in");
  });

  it("asks whoever is signed in", () => {
    expect(firstStep("token", "ada@example.com")).toBe("ask");
  });

  it("refuses an address without a token, whoever asks", () => {
    expect(firstStep(null, null)).toBe("refuse");
    expect(firstStep(null, "ada@example.com")).toBe("refuse");
  });
});
