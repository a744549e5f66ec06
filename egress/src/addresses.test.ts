import { expect, it, vi } from "vitest";
import { ResolveError, resolveBySystem } from "./addresses.ts";

it("looks few names up at once for one session, and lets no other wait for them", async () => {
  const looking: { host: string; end: () => void }[] = [];
  const resolve = resolveBySystem(
    (host) => new Promise((end) => looking.push({ host, end: () => end([{ address: "192.0.2.1" }]) })),
  );
  const [hostile, other] = [{}, {}];
  const asked = Array.from({ length: 20 }, (_, n) => resolve(`slow-${n}.example`, hostile));
  const answer = resolve("quick.example", other);
  const hosts = () => looking.map(({ host }) => host);
  await vi.waitFor(() => expect(hosts()).toEqual(["slow-0.example", "slow-1.example", "quick.example"]));
  looking[2]?.end();
  expect(await answer).toEqual(["192.0.2.1"]);
  for (let at = 0; at < 21; at += 1) {
    await vi.waitFor(() => expect(looking.length).toBeGreaterThan(at));
    looking[at]?.end();
  }
  expect(await Promise.all(asked)).toHaveLength(20);
});

it("goes on after names that do not exist", async () => {
  const resolve = resolveBySystem(() =>
    Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" })),
  );
  const asker = {};
  for (let n = 0; n < 5; n += 1)
    await expect(resolve("nowhere.example", asker)).rejects.toEqual(new ResolveError("ENOTFOUND"));
});
