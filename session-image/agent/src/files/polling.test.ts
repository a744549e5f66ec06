import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileChange } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import { createLog } from "../lib/log.ts";
import { eventually } from "../testing/eventually.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { WorkspaceWatcher } from "./watcher.ts";

it("polls when there are no more watches, and then sees the same", async () => {
  const root = mkdtempSync(join(tmpdir(), "rc-poll-"));
  for (const name of ["a", "b", "c", "node_modules/x"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, ".gitignore"), "node_modules\n");
  writeFileSync(join(root, "a/old"), "1");
  const seen: FileChange[] = [];
  let overflows = 0;
  const watcher = new WorkspaceWatcher(
    root,
    new IgnoreRules(root),
    createLog("silent"),
    ({ changes, overflow }) => {
      seen.push(...changes);
      if (overflow) overflows += 1;
    },
    { maxDirectories: 2, pollPauseMs: 20 },
  );
  await watcher.start();
  expect(watcher.polling).toBe(true);
  // Nobody knows what happened before the first look.
  await eventually(() => expect(overflows).toBe(1));
  writeFileSync(join(root, "a/old"), "22");
  writeFileSync(join(root, "c/new"), "1");
  writeFileSync(join(root, "node_modules/x/unseen"), "1");
  await eventually(() => expect(seen).toContainEqual({ path: "a/old", type: "changed" }));
  await eventually(() => expect(seen).toContainEqual({ path: "c/new", type: "created" }));
  rmSync(join(root, "b"), { recursive: true });
  await eventually(() => expect(seen).toContainEqual({ path: "b", type: "deleted" }));
  expect(seen.filter(({ path }) => path.startsWith("node_modules/"))).toEqual([]);
  watcher.stop();
  rmSync(root, { recursive: true });
});

it("is not drowned by a program that changes things faster than one can hear of it, and watches again later", async () => {
  const root = mkdtempSync(join(tmpdir(), "rc-flood-"));
  mkdirSync(join(root, "deep"));
  const seen: FileChange[] = [];
  let overflows = 0;
  const watcher = new WorkspaceWatcher(
    root,
    new IgnoreRules(root),
    createLog("silent"),
    ({ changes, overflow }) => {
      seen.push(...changes);
      if (overflow) overflows += 1;
    },
    { maxEventsInOneTurn: 500, pollPauseMs: 20, floodPauseMs: 200 },
  );
  await watcher.start();
  writeFileSync(join(root, "deep/one"), "");
  await eventually(() => expect(seen).toContainEqual({ path: "deep/one", type: "created" }));
  // All in one turn, so that all are there when the next one reads them.
  for (let n = 0; n < 1000; n += 1) {
    renameSync(join(root, "deep/one"), join(root, "deep/other"));
    renameSync(join(root, "deep/other"), join(root, "deep/one"));
  }
  await eventually(() => expect(watcher.polling).toBe(true));
  await eventually(() => expect(watcher.polling).toBe(false));
  await eventually(() => expect(overflows).toBeGreaterThan(1));
  await eventually(() => {
    writeFileSync(join(root, "deep/later"), String(Math.random()));
    expect(seen.some(({ path }) => path === "deep/later")).toBe(true);
  });
  expect(watcher.polling).toBe(false);
  watcher.stop();
  rmSync(root, { recursive: true });
});
