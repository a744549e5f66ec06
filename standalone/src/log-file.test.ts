import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LogFile } from "./log-file.ts";

const newPath = () => join(mkdtempSync(join(tmpdir(), "log-")), "service.log");

it("A log keeps its lines, for the owner's eyes, across starts", async () => {
  const path = newPath();
  for (const line of ["first", "second"]) {
    const log = new LogFile(path);
    log.writeLine(line);
    await log.close();
  }
  expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("A full log is put aside, and the oldest goes", async () => {
  const path = newPath();
  const log = new LogFile(path, { maxBytes: 10, kept: 2 });
  for (const line of ["11111111", "22222222", "33333333", "44444444"]) log.writeLine(line);
  await log.close();
  const read = (suffix: string) => readFileSync(path + suffix, "utf8").trim();
  expect([read(""), read(".1"), read(".2")]).toEqual(["44444444", "33333333", "22222222"]);
  expect(existsSync(`${path}.3`)).toBe(false);
});
