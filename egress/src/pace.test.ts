import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

it("lets a burst through at once, and holds the rest to so many a second", () => {
  let now = 1000;
  const pace = new Pace({ burst: 3, perSecond: 10, now: () => now });
  expect([pace.take(), pace.take(), pace.take()]).toEqual([0, 0, 0]);
  expect([pace.take(), pace.take()]).toEqual([100, 200]);
  now += 200;
  expect(pace.take()).toBe(100);
  // Who has been quiet may come at once again.
  now += 10_000;
  expect([pace.take(), pace.take(), pace.take(), pace.take()]).toEqual([0, 0, 0, 100]);
});
