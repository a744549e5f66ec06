import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProcessTable } from "./process-table.ts";
import { findRecorded } from "./process-table.ts";
import { ProcfsTable } from "./procfs-table.ts";
import { PsTable } from "./ps-table.ts";

const hasPs = existsSync("/bin/ps") || existsSync("/usr/bin/ps");
const tables: { name: string; table: ProcessTable; available: boolean }[] = [
  { name: "procfs", table: new ProcfsTable(), available: process.platform === "linux" },
  { name: `ps${hasPs ? "" : " [skipped: ps is not installed]"}`, table: new PsTable(), available: hasPs },
];

describe.each(tables)("the process table of $name", ({ table, available }) => {
  let child: ReturnType<typeof spawn>;
  beforeEach(() => {
    child = spawn("/bin/sleep", ["1000"], { detached: true, env: { MARK: "this one" } });
  });
  afterEach(() => child.kill("SIGKILL"));

  it.skipIf(!available)("knows a process, its parent and its session", async () => {
    const pid = child.pid ?? 0;
    await expect.poll(() => table.memoryBytes(pid)).toBeGreaterThan(0);
    expect(table.find(pid)).toMatchObject({ pid, parentPid: process.pid, sessionId: pid, cpuSeconds: 0 });
    expect(table.all().find((info) => info.pid === pid)).toEqual(table.find(pid));
    expect(table.all().some((info) => info.pid === process.pid)).toBe(true);
  });

  it.skipIf(!available)("finds a process again by what was recorded, and no other", async () => {
    const pid = child.pid ?? 0;
    const { startTime = "" } = table.find(pid) ?? {};
    const identity = { pid, startTime, bootId: table.bootId() };
    expect(findRecorded(table, identity)?.pid).toBe(pid);
    expect(findRecorded(table, { ...identity, startTime: "1" })).toBeNull();
    expect(findRecorded(table, { ...identity, bootId: "another" })).toBeNull();
    expect(findRecorded(table, null)).toBeNull();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(findRecorded(table, identity)).toBeNull();
  });

  it.skipIf(!available)("knows the environment a process was started with", async () => {
    await expect
      .poll(
        () =>
          table.hasVariable(child.pid ?? 0, "MARK", "this one") ||
          table.hasVariable(child.pid ?? 0, "MARK", "this"),
      )
      .toBe(true);
    expect(table.hasVariable(child.pid ?? 0, "MARK", "other")).toBe(false);
    expect(table.hasVariable(2 ** 22, "MARK", "this")).toBe(false);
  });
});
