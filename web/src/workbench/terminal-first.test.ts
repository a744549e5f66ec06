import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { turn } from "./terminal-first.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("whoever waits goes on when the turn is over", async () => {
  const first = turn(600);
  const waits = first.wait();
  first.end();
  await waits;
});

test("a turn that is over already keeps nobody", async () => {
  const first = turn(600);
  first.end();
  await first.wait();
});

test("a turn that nobody ends is over after its time, counted from the first who waited", async () => {
  const first = turn(600);
  await vi.advanceTimersByTimeAsync(1000);
  const went = vi.fn();
  void first.wait().then(went);
  await vi.advanceTimersByTimeAsync(500);
  void first.wait().then(went);
  await vi.advanceTimersByTimeAsync(99);
  expect(went).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(went).toHaveBeenCalledTimes(2);
});
