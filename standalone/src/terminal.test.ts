import { expect, it } from "vitest";
import { createTerminal, readableLine, warningIn } from "./terminal.ts";

it("A warning is shown once, and again when it still comes later", () => {
  let now = 0;
  const lines: string[] = [];
  const terminal = createTerminal(
    () => now,
    (line) => lines.push(line),
  );
  for (const at of [0, 10, 29_000, 31_000]) {
    now = at;
    terminal.warn("api", "the disk is full");
  }
  expect(lines).toHaveLength(2);
});

it.each([
  ['{"level":30,"msg":"listening"}', null],
  ['{"level":40,"msg":"slow"}', "slow"],
  ['{"level":50,"msg":"failed","err":{"message":"no such table\\nat x"}}', "failed (no such table)"],
  ['{"level":"error","msg":"a request failed"}', "a request failed"],
  ['{"level":"info","msg":"listening"}', null],
  ['{"level":', null],
  ["plain text", null],
])("Of the log line %s the terminal shows %j", (line, warning) => {
  expect(warningIn(line)).toBe(warning);
});

it("Log lines are made readable, whatever they are", () => {
  expect(readableLine('{"level":30,"msg":"listening"}')).toBe("listening");
  expect(readableLine("{broken")).toBe("{broken");
});
