import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fingerprint, isFresh, recordBuilt } from "./fingerprint.mjs";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-"));
  mkdirSync(join(root, "api/src"), { recursive: true });
  writeFileSync(join(root, "api/src/main.ts"), "one");
  writeFileSync(join(root, "api/src/other.ts"), "two");
});
const inputs = ["api/src"];

describe("a fingerprint", () => {
  it("stays when nothing but times and tests change", () => {
    const before = fingerprint(root, inputs);
    utimesSync(join(root, "api/src/main.ts"), 1, 1);
    writeFileSync(join(root, "api/src/main.test.ts"), "a test");
    for (const made of ["node_modules", "dist", ".next", "generated"]) {
      mkdirSync(join(root, "api/src", made));
      writeFileSync(join(root, "api/src", made, "x.ts"), "made");
    }
    expect(fingerprint(root, inputs)).toBe(before);
  });

  it.each([
    ["a content changes", () => writeFileSync(join(root, "api/src/main.ts"), "ONE")],
    ["a file is added", () => writeFileSync(join(root, "api/src/third.ts"), "")],
    ["a file goes", () => rmSync(join(root, "api/src/other.ts"))],
    [
      "text moves from one file to another",
      () => {
        writeFileSync(join(root, "api/src/main.ts"), "onetwo");
        writeFileSync(join(root, "api/src/other.ts"), "");
      },
    ],
  ])("changes when %s", (_, change) => {
    const before = fingerprint(root, inputs);
    change();
    expect(fingerprint(root, inputs)).not.toBe(before);
  });

  it("depends on what else the result depends on", () => {
    expect(fingerprint(root, inputs, "v24")).not.toBe(fingerprint(root, inputs, "v26"));
  });
});

describe("what was built", () => {
  const outputs = ["api/dist/main.js"];
  const print = () => fingerprint(root, inputs);
  const make = () => {
    mkdirSync(join(root, "api/dist"), { recursive: true });
    writeFileSync(join(root, "api/dist/main.js"), "made");
    recordBuilt(root, "api", print());
  };

  it("is stale before the first build, fresh after it, stale after a change", () => {
    expect(isFresh(root, "api", print(), outputs)).toBe(false);
    make();
    expect(isFresh(root, "api", print(), outputs)).toBe(true);
    writeFileSync(join(root, "api/src/main.ts"), "new");
    expect(isFresh(root, "api", print(), outputs)).toBe(false);
  });

  it("is stale when someone removed it", () => {
    make();
    rmSync(join(root, "api/dist"), { recursive: true });
    expect(isFresh(root, "api", print(), outputs)).toBe(false);
  });
});
