import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensureDataDirectory, lockDataDirectory } from "./data-directory.ts";
import type { Failure } from "./failure.ts";
import { identify } from "./process-identity.ts";

const newDirectory = () => mkdtempSync(join(tmpdir(), "data-"));

function refusal(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    return error as Failure;
  }
  throw new Error("it was not refused");
}

describe("the data directory", () => {
  it("is made, for its owner alone", () => {
    const path = join(newDirectory(), "a", "b");
    ensureDataDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("is refused where a file is in the way, saying what to set", () => {
    const file = join(newDirectory(), "file");
    writeFileSync(file, "");
    const failure = refusal(() => ensureDataDirectory(file));
    expect(failure.message).toContain(file);
    expect(failure.hint).toContain("REMOTE_CLAUDE_DATA_DIR");
  });
});

describe("the lock of a data directory", () => {
  it("refuses a second one, naming the first one's process and address", () => {
    const path = newDirectory();
    const unlock = lockDataDirectory(path, "http://localhost:4444");
    const failure = refusal(() => lockDataDirectory(path, "http://localhost:5555"));
    expect(failure.message).toContain(`process ${process.pid}, at http://localhost:4444`);
    unlock();
    lockDataDirectory(path, "http://localhost:5555")();
    expect(readdirSync(path)).toEqual([]);
  });

  it("is taken over from a process that was killed", async () => {
    const path = newDirectory();
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const holder = identify(child.pid ?? 0);
    writeFileSync(join(path, "supervisor.json"), JSON.stringify({ ...holder, url: "http://x" }));
    refusal(() => lockDataDirectory(path, "http://y"));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    lockDataDirectory(path, "http://y");
    expect(readFileSync(join(path, "supervisor.json"), "utf8")).toContain("http://y");
  });

  it("is not held by a later process with the same number", () => {
    const path = newDirectory();
    const lock = { pid: process.pid, startedAt: "another boot/1", url: "http://x" };
    writeFileSync(join(path, "supervisor.json"), JSON.stringify(lock));
    lockDataDirectory(path, "http://y")();
  });

  it.each(["", "{}", "nonsense", '{"pid":-1}'])("is taken over when it is damaged (%j)", (text) => {
    const path = newDirectory();
    writeFileSync(join(path, "supervisor.json"), text);
    lockDataDirectory(path, "http://y")();
    expect(existsSync(join(path, "supervisor.json"))).toBe(false);
  });
});
