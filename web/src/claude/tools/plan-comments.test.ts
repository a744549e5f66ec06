import { expect, it } from "vitest";
import { planMessage } from "./plan-comments.ts";

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
