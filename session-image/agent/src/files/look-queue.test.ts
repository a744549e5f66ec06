import { expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { LookQueue } from "./look-queue.ts";

it("looks at a name once at a time, and once more for all that happened meanwhile", async () => {
  const looks: { name: string; end: () => void }[] = [];
  const queue = new LookQueue((_, name) => new Promise((resolve) => looks.push({ name, end: resolve })));
  for (let n = 0; n < 1000; n += 1) queue.add("folder", "same");
  expect(looks).toHaveLength(1);
  looks[0]?.end();
  await eventually(() => expect(looks).toHaveLength(2));
  looks[1]?.end();
  queue.add("folder", "other");
  await eventually(() => expect(looks.map(({ name }) => name)).toEqual(["same", "same", "other"]));
});

it("looks at few names at once, at every one in the end, and at none that was forgotten", async () => {
  let [running, most, seen] = [0, 0, 0];
  const queue = new LookQueue(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    seen += 1;
  });
  for (let n = 0; n < 500; n += 1) queue.add("", String(n));
  await eventually(() => expect(seen).toBe(500));
  expect(most).toBe(32);
  for (let n = 0; n < 500; n += 1) queue.add("", String(n));
  queue.clear();
  await eventually(() => expect(running).toBe(0));
  expect(seen).toBe(532);
});
