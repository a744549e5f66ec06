import { limitSentence } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { classify } from "./turn-failures.ts";

const trouble = (changes: Partial<Parameters<typeof classify>[0]>) =>
  classify({ status: undefined, error: undefined, text: "", ...changes });

describe("a failed model request", () => {
  it.each([
    [{ status: 401, error: "authentication_failed" }, "key-rejected"],
    [{ status: 529, error: "server_error" }, "overloaded"],
    [{ status: 503, error: "server_error" }, "model-unreachable"],
    [{ status: null, text: "Connection error." }, "model-unreachable"],
    [{ status: 402 }, "credit-exhausted"],
    [{ status: 429, error: "rate_limit" }, "rate-limited"],
    [{ terminalReason: "prompt_too_long" }, "context-full"],
    [{ terminalReason: "max_turns" }, "turn-limit"],
    [{ text: "something new" }, "internal"],
  ] as const)("%j means %s", (given, reason) => {
    expect(trouble(given).reason).toBe(reason);
  });

  it("marked by egress keeps egress' sentence, without what Claude Code adds", () => {
    const text =
      "API Error: 502 [remote-claude:model-unreachable] It is down. This is a server-side issue, usually temporary";
    expect(trouble({ status: 502, text })).toMatchObject({
      reason: "model-unreachable",
      message: "It is down.",
    });
  });

  it("of a limit whose end egress names says when that is", () => {
    const sentence = limitSentence(new Date("2026-11-30T12:00:00Z"));
    const text = `API Error: Request rejected (429) · [remote-claude:rate-limited] ${sentence}`;
    expect(trouble({ status: 429, text })).toEqual({
      reason: "rate-limited",
      message: sentence,
      retryable: true,
      retryAt: "2026-11-30T12:00:00.000Z",
    });
  });

  it("that nobody knows shows Claude Code's own words", () => {
    expect(trouble({ text: "something new" }).message).toBe("something new");
    expect(trouble({}).message).not.toBe("");
  });
});
