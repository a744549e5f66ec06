import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Logger } from "../lib/log.ts";
import { ActJournal } from "./index.ts";

const log = { warn: () => {} } as unknown as Logger;
const ids = Array.from({ length: 6 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const [done, failed, running, never, cut, unnoted] = ids as [string, string, string, string, string, string];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "acts-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const outcomesOf = (journal: ActJournal) =>
  Object.fromEntries(journal.outcomes(ids).map(({ id, outcome }) => [id, outcome]));

it("knows how each act ended, also of the agent before, and doubts those in whose midst that was killed", async () => {
  const journal = new ActJournal(directory, log);
  expect(journal.perform(done, () => 1)).toBe(1);
  await expect(journal.perform(failed, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  void journal.perform(running, () => new Promise(() => {}));
  expect(outcomesOf(journal)).toMatchObject({ [done]: "done", [failed]: "failed", [running]: "running" });
  appendFileSync(join(directory, "acts"), `d ${cut.slice(0, 8)}`);
  const next = new ActJournal(directory, log);
  expect(outcomesOf(next)).toMatchObject({ [done]: "done", [failed]: "failed", [running]: "unknown" });
  expect(outcomesOf(new ActJournal(directory, log))).toMatchObject({ [done]: "done", [running]: "unknown" });
});

it("has done what one of its tries did, whatever becomes of the others", async () => {
  const journal = new ActJournal(directory, log);
  expect(() =>
    journal.perform(done, () => {
      throw new Error("no");
    }),
  ).toThrow("no");
  journal.perform(done, () => 1);
  await expect(journal.perform(done, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  for (const each of [journal, new ActJournal(directory, log)])
    expect(each.outcomes([done])).toEqual([{ id: done, outcome: "done" }]);
});

it("does not do what it has said it never will", () => {
  const journal = new ActJournal(directory, log);
  expect(journal.outcomes([never])).toEqual([{ id: never, outcome: "never" }]);
  expect(() => journal.perform(never, () => "done")).toThrow(/gone/);
  expect(() => new ActJournal(directory, log).perform(never, () => "done")).toThrow(/gone/);
  expect(journal.perform(unnoted, () => "done")).toBe("done");
  expect(journal.perform(undefined, () => "done")).toBe("done");
});
