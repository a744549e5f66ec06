import { describe, expect, it } from "vitest";
import { createMeter } from "./metering.ts";
import { costUsd, findPrice } from "./prices.ts";
import { sse } from "./testing/harness.ts";

const none = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  webSearches: 0,
  fast: false,
  usOnly: false,
};

describe("a price", () => {
  it.each([
    ["claude-opus-5-5", 4, 20, true],
    ["claude-opus-5-5-20260901", 4, 20, true],
    ["claude-opus-5-5[1m]", 4, 20, true],
    ["us.anthropic.claude-opus-4-8-20260101-v1:0", 5, 25, true],
    ["claude-opus-5", 5, 25, true],
    ["claude-opus-4-20250514", 15, 75, true],
    ["claude-opus-4-1-20250805", 15, 75, true],
    ["claude-sonnet-4@20250514", 3, 15, true],
    ["claude-3-5-haiku-latest", 0.8, 4, true],
    ["claude-opus-5-9", 4, 20, false],
    ["claude-haiku-9", 0.1, 0.5, false],
    ["something-else", 4, 20, false],
  ])("of %s is $%d in and $%d out; known: %s", (model, input, output, exact) => {
    expect(findPrice(model)).toMatchObject({ price: { input, output }, exact });
  });

  it("counts both kinds of cache writes, reads, searches, speed and place", () => {
    const usage = {
      ...none,
      cacheWriteTokens: 3_000_000,
      cacheWrite1hTokens: 1_000_000,
      cacheReadTokens: 1_000_000,
    };
    expect(costUsd("claude-opus-4-8", usage).usd).toBeCloseTo(10 + 2 * 6.25 + 0.5);
    expect(costUsd("claude-opus-4-8", { ...none, outputTokens: 1_000_000, fast: true }).usd).toBeCloseTo(50);
    expect(
      costUsd("claude-opus-4-8", { ...none, outputTokens: 1_000_000, usOnly: true, webSearches: 3 }).usd,
    ).toBeCloseTo(27.53);
  });

  it("rises above a long prompt where the model has such a step", () => {
    expect(costUsd("claude-haiku-5-5", { ...none, inputTokens: 100_000 }).usd).toBeCloseTo(0.01);
    expect(
      costUsd("claude-haiku-5-5", { ...none, inputTokens: 60_000, cacheReadTokens: 60_000 }).usd,
    ).toBeCloseTo(0.033);
  });
});

describe("a meter", () => {
  const start = [
    "message_start",
    { message: { model: "claude-opus-5-5", usage: { input_tokens: 3, output_tokens: 1 } } },
  ] as const;

  it("reads events that are cut anywhere, inside a character too", async () => {
    const text = sse(
      start,
      ["content_block_delta", { delta: { type: "text_delta", text: "äöü€" } }],
      [
        "message_delta",
        { usage: { output_tokens: 9, input_tokens: 4, server_tool_use: { web_search_requests: 2 } } },
      ],
    );
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 7, 64]) {
      const meter = createMeter("text/event-stream; charset=utf-8", "");
      for (let at = 0; at < bytes.length; at += size) meter.take(bytes.subarray(at, at + size));
      expect(await meter.finish(null)).toMatchObject({
        model: "claude-opus-5-5",
        usage: { inputTokens: 4, outputTokens: 9, webSearches: 2 },
        estimated: false,
      });
    }
  });

  it("survives whatever an endpoint sends", async () => {
    for (const body of [
      "event: message_start\ndata: {not json\n\n",
      "event: message_start\ndata: null\n\n",
      sse(["message_start", { message: { model: 5, usage: { input_tokens: -1, output_tokens: "x" } } }]),
      "\0".repeat(1000),
    ]) {
      const meter = createMeter("text/event-stream", "");
      meter.take(Buffer.from(body));
      meter.take(Buffer.from(sse(start)));
      const { usage, model } = await meter.finish("claude-haiku-4-5");
      expect(usage.inputTokens).toBeGreaterThanOrEqual(0);
      expect([null, "claude-opus-5-5"]).toContain(model);
    }
    for (const encoding of ["gzip", "br", "zstd", "deflate", "unheard-of"]) {
      const meter = createMeter("application/json", encoding);
      meter.take(Buffer.from("no such compression"));
      expect((await meter.finish(null)).usage.inputTokens).toBe(0);
    }
  });

  it("does not gather a line without end", async () => {
    const meter = createMeter("text/event-stream", "");
    const piece = Buffer.alloc(1024 * 1024, "x");
    const before = process.memoryUsage().heapUsed + process.memoryUsage().external;
    for (let n = 0; n < 200; n += 1) meter.take(piece);
    const after = process.memoryUsage().heapUsed + process.memoryUsage().external;
    expect(after - before).toBeLessThan(120 * 1024 * 1024);
    await meter.finish(null);
  });
});
