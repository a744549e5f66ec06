import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
