import { chmodSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensureRunDirectory } from "./run-directory.ts";

const newDirectory = () => mkdtempSync(join(tmpdir(), "r-"));

describe("the directory of sockets", () => {
  it("is in the data directory when its path is short enough", () => {
    const data = newDirectory();
    expect(ensureRunDirectory(data)).toBe(join(data, "run"));
  });

  it("is otherwise a private one, the same for each start and another for each data directory", () => {
    const parent = newDirectory();
    const data = join("/", "long".repeat(30));
    const first = ensureRunDirectory(data, [parent]);
    expect(first.startsWith(`${parent}/remote-claude-`)).toBe(true);
    expect(statSync(first).mode & 0o777).toBe(0o700);
    expect(ensureRunDirectory(data, [parent])).toBe(first);
    expect(ensureRunDirectory(`${data}2`, [parent])).not.toBe(first);
  });

  it("leaves room for the longest socket under it", () => {
    const path = ensureRunDirectory(join("/", "long".repeat(30)), [newDirectory()]);
    expect(Buffer.byteLength(join(path, "abcdefghijkl", "out", "agent.sock"))).toBeLessThanOrEqual(107);
  });

  it("is refused when others may write to it", () => {
    const parent = newDirectory();
    const data = join("/", "long".repeat(30));
    chmodSync(ensureRunDirectory(data, [parent]), 0o777);
    expect(() => ensureRunDirectory(data, [parent])).toThrow(/not a private directory/);
  });

  it("is refused when no path is short enough", () => {
    expect(() => ensureRunDirectory(join("/", "long".repeat(30)), [join("/", "l".repeat(90))])).toThrow(
      /too long/,
    );
  });
});
