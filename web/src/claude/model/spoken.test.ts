import { expect, it } from "vitest";
import { spoken } from "./spoken.ts";

it("is read out without the marks of Markdown, and without code letter by letter", () => {
  const text = [
    "## What changed",
    "The greeting is *polite* now, and **there** is a `farewell`, see [the guide](https://example.org/a).",
    "```ts",
    "const a = 1;",
    "const b = 2;",
    "```",
    "| file | change |",
    "|---|:--|",
    "| `src/greet.ts` | polite |",
    "> 2 * 3 * 4 is snake_case_name",
  ].join("\n");
  expect(spoken(text).split("\n")).toEqual([
    "What changed",
    "The greeting is polite now, and there is a farewell, see the guide.",
    "(2 lines of code)",
    "file, change",
    "src/greet.ts, polite",
    "2 * 3 * 4 is snake_case_name",
  ]);
});

it("reads out code that was cut off before its end by its size too", () => {
  expect(spoken("See:\n```\nhalf")).toBe("See:\n(a line of code)");
});
