import { expect, it, vi } from "vitest";
import { cached } from "./cached.ts";

function setUp() {
  const time = { ms: 1_000_000 };
  const clock = { now: () => new Date(time.ms) };
  const asked: PromiseWithResolvers<string>[] = [];
  const ask = cached(clock, { freshMs: 10, usableMs: 30 }, () => {
    asked.push(Promise.withResolvers());
    return (asked.at(-1) as PromiseWithResolvers<string>).promise;
  });
  return { ask, asked, pass: (ms: number) => (time.ms += ms) };
}

it("asks once for all who want it meanwhile", async () => {
  const { ask, asked, pass } = setUp();
  const both = [ask(), ask()];
  asked[0]?.resolve("one");
  expect(await Promise.all(both)).toEqual(["one", "one"]);
  pass(9);
  expect(await ask()).toBe("one");
  expect(asked).toHaveLength(1);
});

it("gives what it knows while it asks anew, and the new answer then", async () => {
  const { ask, asked, pass } = setUp();
  const first = ask();
  asked[0]?.resolve("one");
  await first;
  pass(10);
  expect(await ask()).toBe("one");
  asked[1]?.resolve("two");
  await vi.waitFor(async () => expect(await ask()).toBe("two"));
  expect(asked).toHaveLength(2);
});

it("gives nothing that is too old, nor a failure that is over", async () => {
  const { ask, asked, pass } = setUp();
  const first = ask();
  asked[0]?.resolve("one");
  await first;
  pass(25);
  expect(await ask()).toBe("one");
  asked[1]?.reject(new Error("away"));
  pass(5);
  const third = ask();
  asked[2]?.reject(new Error("still away"));
  await expect(third).rejects.toThrow("still away");
  const fourth = ask();
  asked[3]?.resolve("four");
  expect(await fourth).toBe("four");
});
