import { expect, it } from "vitest";
import type { ToolCall } from "../model/items.ts";
import { drawItem, textOf } from "../testing/draw.ts";
import { planMessage, planWith } from "./plan-comments.ts";

it("What is said of a plan goes to Claude as one message, each piece quoted before its comment", () => {
  const comments = [
    { quote: "1. Move it\n2. Test it\n", text: " the other way round " },
    { quote: "x".repeat(500), text: "too long" },
  ];
  const message = planMessage(comments, " and be brief ");
  expect(message).toContain("> 1. Move it\n> 2. Test it\n\nthe other way round\n\n> xxx");
  expect(message).toContain(`${"x".repeat(400)}…\n\ntoo long\n\nand be brief`);
  expect(planMessage([], "  ")).toBe("");
});

it("A plan that is approved with comments goes to Claude with them", () => {
  expect(planWith("# Plan\n", "")).toBe("# Plan\n");
  expect(planWith("# Plan\n", "be brief")).toBe("# Plan\n\n## Comments\n\nbe brief\n");
});

it("The file that a plan is written into is a closed card: the plan itself is shown where it is decided on", () => {
  const write = (path: string) => {
    const call: ToolCall = {
      ...{ id: "1", name: "Write", input: { file_path: path, content: "Greet in French\n" }, state: "done" },
      ...{ writing: null, result: null, startedAt: null, endedAt: null, question: null },
      ...{ progress: null, output: null, children: [] },
    };
    return textOf(drawItem({ kind: "tool", key: "1", call }, { closed: true }));
  };
  expect(write("/home/me/.claude/plans/quiet-fox.md")).toContain("Wrote the plan");
  expect(write("/home/me/.claude/plans/quiet-fox.md")).not.toContain("Greet in French");
  expect(write("/place/workspace/plans/greet.md")).toContain("Greet in French");
});
