import { describe, expect, it } from "vitest";
import { ruleText } from "./permission-question-card.tsx";

describe("a rule in words", () => {
  it("names the workspace, a folder in it and one outside as a person would", () => {
    const cwd = "/home/claude/workspace";
    expect(ruleText(`directory: ${cwd}`, cwd)).toBe("files in the workspace");
    expect(ruleText(`directory: ${cwd}/src`, cwd)).toBe("files in src");
    expect(ruleText("directory: /tmp", cwd)).toBe("files in /tmp");
  });

  it("says what a mode allows, and leaves Claude Code's own rules as they are written", () => {
    expect(ruleText("mode: acceptEdits", null)).toBe("all edits of files in this conversation");
    expect(ruleText("Bash(npm test:*)", null)).toBe("Bash(npm test:*)");
  });
});
