import { describe, expect, it } from "vitest";
import { renderPrompt } from "./prompt.ts";

const render = (text: string, ...paths: string[]) =>
  renderPrompt(
    text,
    paths.map((path) => ({ path })),
    "/workspace",
  );

describe("a prompt with attachments", () => {
  it("names behind the text what the text does not", () => {
    expect(render("/review", "src/a.ts", "my notes.md")).toBe(
      '/review\n\n@/workspace/src/a.ts @"/workspace/my notes.md"',
    );
    expect(renderPrompt("why?", [{ path: "a.ts", lines: [2, 5] }], "/workspace")).toBe(
      "why?\n\n@/workspace/a.ts#L2-5",
    );
  });

  it("names what is attached to no text at all", () => {
    expect(renderPrompt("", [{ path: "a.pdf" }], "/w")).toBe("@/w/a.pdf");
  });

  it("names once what the text names, and as whole paths only", () => {
    expect(render("read @src/a.ts, then @src/a.ts.", "src/a.ts")).toBe(
      "read @/workspace/src/a.ts, then @/workspace/src/a.ts.",
    );
    expect(render("see @my notes.md", "my notes.md")).toBe('see @"/workspace/my notes.md"');
    expect(render("not @src/a.tsx nor me@src/a.ts", "src/a.ts")).toBe(
      "not @src/a.tsx nor me@src/a.ts\n\n@/workspace/src/a.ts",
    );
  });

  it("keeps lines that are attached beside a mention of the file", () => {
    const attachments = [{ path: "a.ts" }, { path: "a.ts", lines: [2, 5] as [number, number] }];
    expect(renderPrompt("@a.ts here", attachments, "/w")).toBe("@/w/a.ts here\n\n@/w/a.ts#L2-5");
  });
});
