import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readImages } from "./images.ts";

const png = Buffer.from("89504e470d0a1a0a0000", "hex");
let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "rc-images-"));
});
afterEach(() => rmSync(workspace, { recursive: true }));

it("reads the pictures among the files, and nothing else whatever its name says", () => {
  writeFileSync(join(workspace, "a.png"), png);
  writeFileSync(join(workspace, "b.jpg"), Buffer.from("ffd8ffe0", "hex"));
  writeFileSync(join(workspace, "text.png"), "no picture");
  writeFileSync(join(workspace, "notes.md"), png);
  writeFileSync(join(workspace, "huge.png"), Buffer.concat([png, Buffer.alloc(4_000_000)]));
  const images = readImages(["a.png", "b.jpg", "text.png", "notes.md", "huge.png", "gone.png"], workspace);
  expect([...images].map(([path, { source }]) => [path, source.media_type])).toEqual([
    ["a.png", "image/png"],
    ["b.jpg", "image/jpeg"],
  ]);
  expect(images.get("a.png")?.source.data).toBe(png.toString("base64"));
});

it("reads nothing outside of the workspace, by a link neither", () => {
  const outside = `${workspace}-outside.png`;
  writeFileSync(outside, png);
  symlinkSync(outside, join(workspace, "link.png"));
  expect(readImages(["link.png"], workspace).size).toBe(0);
  rmSync(outside);
});

it("takes no more of them than the model does", () => {
  const paths = Array.from({ length: 30 }, (_, index) => `${index}.png`);
  for (const path of paths) writeFileSync(join(workspace, path), png);
  expect(readImages(paths, workspace).size).toBe(20);
});
