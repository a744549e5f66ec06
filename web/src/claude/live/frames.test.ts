import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { spacedFrames } from "./frames.ts";

const frameMs = 16;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (act: () => void) => setTimeout(act, frameMs));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("what arrives all the time", () => {
  it("is drawn at the next frame at first, and after each drawing no sooner than some frames later", () => {
    const schedule = spacedFrames();
    const drawn: number[] = [];
    const startedAt = performance.now();
    const draw = (): boolean => drawn.push(performance.now() - startedAt) > 0;
    for (let count = 1; count <= 4; count += 1) {
      schedule(draw);
      while (drawn.length < count) vi.advanceTimersByTime(1);
    }
    expect(drawn[0]).toBe(frameMs);
    const gaps = drawn.slice(1).map((at, index) => at - (drawn[index] ?? 0));
    expect(gaps).toHaveLength(3);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(40);
    for (const gap of gaps) expect(gap).toBeLessThan(40 + 2 * frameMs);
    // After a pause it is the next frame again.
    vi.advanceTimersByTime(1000);
    schedule(draw);
    vi.advanceTimersByTime(frameMs);
    expect(drawn.at(-1)).toBe((drawn.at(-2) ?? 0) + 1000 + frameMs);
  });

  it("does not wait for what is no piece of a text: the first word comes soon after the prompt", () => {
    const schedule = spacedFrames();
    const word = vi.fn(() => true);
    schedule(() => false);
    vi.advanceTimersByTime(frameMs);
    schedule(word);
    vi.advanceTimersByTime(frameMs);
    expect(word).toHaveBeenCalledOnce();
  });

  it("is not drawn when it was called off, at whatever moment", () => {
    const act = vi.fn(() => true);
    const schedule = spacedFrames();
    schedule(act)();
    schedule(() => true);
    vi.advanceTimersByTime(frameMs);
    const early = schedule(act);
    vi.advanceTimersByTime(1);
    early();
    const late = schedule(act);
    vi.advanceTimersByTime(45);
    late();
    vi.advanceTimersByTime(1000);
    expect(act).not.toHaveBeenCalled();
  });
});
