import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileChange } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
let api: TestApi;
const at = (...names: string[]) => join(place.workspace, ...names);
let seen: FileChange[] = [];
let overflows = 0;

beforeAll(async () => {
  mkdirSync(at("src/deep"), { recursive: true });
  mkdirSync(at("node_modules/lib"), { recursive: true });
  writeFileSync(at(".gitignore"), "node_modules\ndist/\n");
  execFileSync("git", ["init", "-q"], { cwd: place.workspace });
  await place.start();
  api = await TestApi.connect(place);
  api.on("file.changed", ({ changes, overflow }) => {
    seen.push(...changes);
    if (overflow) overflows += 1;
  });
  // Watching has begun when a change is told of.
  await eventually(() => {
    writeFileSync(at("src/deep/probe"), String(Math.random()));
    expect(seen.length).toBeGreaterThan(0);
  });
});
beforeEach(async () => {
  // A marker in each watched directory that counts flushes what earlier tests left.
  writeFileSync(at("marker"), String(Math.random()));
  await eventually(() => expect(seen.some(({ path }) => path === "marker")).toBe(true));
  rmSync(at("marker"));
  await eventually(() =>
    expect(seen.some(({ path, type }) => path === "marker" && type === "deleted")).toBe(true),
  );
  seen = [];
});
afterAll(async () => {
  api.close();
  await place.remove();
});

const told = (path: string, type: FileChange["type"]) =>
  eventually(() => expect(seen).toContainEqual({ path, type }));

it("tells of files that are made, changed and deleted", async () => {
  writeFileSync(at("src/a.ts"), "1");
  await told("src/a.ts", "created");
  writeFileSync(at("src/a.ts"), "22");
  await told("src/a.ts", "changed");
  rmSync(at("src/a.ts"));
  await told("src/a.ts", "deleted");
});

it("tells of a file that was saved by renaming as changed", async () => {
  writeFileSync(at("src/b.ts"), "1");
  await told("src/b.ts", "created");
  seen = [];
  await api.upload({ direction: "write", path: "src/b.ts" }, Buffer.from("2"));
  await told("src/b.ts", "changed");
  expect(seen.filter(({ path }) => path.includes(".remote-claude"))).toEqual([]);
});

it("follows directories that are made and moved", async () => {
  mkdirSync(at("new/inner"), { recursive: true });
  writeFileSync(at("new/inner/file"), "x");
  await told("new/inner/file", "created");
  renameSync(at("new"), at("moved"));
  await told("new", "deleted");
  await told("moved", "created");
  writeFileSync(at("moved/inner/later"), "x");
  await told("moved/inner/later", "created");
});

it("leaves out what .gitignore names, but not the names themselves", async () => {
  writeFileSync(at("node_modules/lib/index.js"), "x");
  mkdirSync(at("dist"));
  writeFileSync(at("dist/out.js"), "x");
  await told("dist", "created");
  writeFileSync(at("src/after"), "x");
  await told("src/after", "created");
  expect(seen.filter(({ path }) => /^(node_modules|dist)\//.test(path))).toEqual([]);
});

it("watches what is no longer ignored", async () => {
  writeFileSync(at(".gitignore"), "node_modules\n");
  await told(".gitignore", "changed");
  mkdirSync(at("dist"), { recursive: true });
  await eventually(() => {
    writeFileSync(at("dist/seen.js"), String(Math.random()));
    expect(seen.some(({ path }) => path === "dist/seen.js")).toBe(true);
  });
});

it("tells that the repository changed, and nothing of its inner life", async () => {
  writeFileSync(at("committed"), "x");
  execFileSync("git", ["add", "committed"], { cwd: place.workspace });
  await told(".git", "changed");
  expect(seen.filter(({ path }) => path.startsWith(".git/"))).toEqual([]);
});

it("says so when too much happens at once, and still sees what comes after", async () => {
  // Made where nobody looks, and brought over whole: a slow machine would spread the files over time.
  mkdirSync(at("node_modules/burst"), { recursive: true });
  for (let count = 0; count < 3_000; count++) writeFileSync(at("node_modules/burst", `f${count}`), "");
  renameSync(at("node_modules/burst"), at("burst"));
  await eventually(() => expect(overflows).toBeGreaterThan(0));
  await eventually(() => {
    writeFileSync(at("burst/f1"), String(Math.random()));
    expect(seen.some(({ path }) => path === "burst/f1")).toBe(true);
  });
});
