import { TurnFailure } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { completeMention, findMention, mentionedPaths } from "../composer/mentions.ts";
import { parseAnsi, stripAnsi } from "./ansi.ts";
import { diffOf } from "./diff.ts";
import { failureTextFor, failureTexts, retryCause } from "./failures.ts";
import { type Blocks, growBlocks, splitMarkdown } from "./markdown-blocks.ts";
import { formatTokens } from "./notices.ts";
import { readPartialString } from "./partial-json.ts";
import { formatDuration, shortPath, subjectOf, toWorkspacePath } from "./tool-text.ts";

describe("a growing JSON", () => {
  it("gives a string as far as it has come, whole or cut anywhere", () => {
    const whole = JSON.stringify({ file_path: "/w/a.ts", content: 'line "one"\n\tzwei ü \u2028 \\ end' });
    expect(readPartialString(whole, "content")).toBe('line "one"\n\tzwei ü \u2028 \\ end');
    for (let length = 0; length <= whole.length; length += 1) {
      const part = readPartialString(whole.slice(0, length), "content");
      expect('line "one"\n\tzwei ü \u2028 \\ end'.startsWith(part ?? "")).toBe(true);
    }
    expect(readPartialString('{"a":"\\u00', "a")).toBe("");
    expect(readPartialString("{}", "a")).toBeNull();
  });

  it("names the file that is being written before the rest is there", () => {
    const call = { name: "Write", input: null, writing: '{"file_path":"/w/src/x.ts","content":"imp' };
    expect(subjectOf(call, "/w")).toBe("src/x.ts");
  });
});

describe("paths", () => {
  it("are shown relative to the workspace, and only those inside can be opened", () => {
    expect(shortPath("/w/src/a.ts", "/w")).toBe("src/a.ts");
    expect(shortPath("/etc/passwd", "/w")).toBe("/etc/passwd");
    expect(toWorkspacePath("/wide/a.ts", "/w")).toBeNull();
    expect(toWorkspacePath("/w/../etc/passwd", "/w")).toBeNull();
    expect(toWorkspacePath("../a", "/w")).toBeNull();
    expect(toWorkspacePath("/workspace/a.ts", null)).toBe("a.ts");
  });
});

describe("terminal output", () => {
  it("keeps its colours and loses what moves the cursor", () => {
    const output =
      "\u001b[32mok\u001b[0m one\u001b[K\n\u001b[1;31mbad\u001b[39m!\u001b]0;title\u0007\u001b[38;5;200mx";
    expect(stripAnsi(output)).toBe("ok one\nbad!x");
    expect(parseAnsi(output).filter(({ style }) => style !== "")).toEqual([
      { text: "ok", style: "ansi-green" },
      { text: "bad", style: "ansi-red ansi-bold" },
      { text: "!", style: "ansi-bold" },
      { text: "x", style: "ansi-bold" },
    ]);
  });

  it("shows the last state of a line that was written over", () => {
    expect(stripAnsi("10%\r50%\r100%\nnext\r\nend")).toBe("100%\nnext\nend");
  });
});

describe("Markdown", () => {
  const text =
    "# Title\n\nOne\ntwo\n\n- a\n\n- b\n\n  still b\n\nAfter\n\n```js\nconst a = 1;\n\nconst b = 2;\n```\n\nEnd";

  it("is cut into blocks that are the text again, and never in lists or code", () => {
    const blocks = splitMarkdown(text);
    expect(blocks.join("")).toBe(text);
    expect(blocks.map((block) => block.trim().split("\n")[0])).toEqual([
      "# Title",
      "One",
      "After",
      "```js",
      "End",
    ]);
  });

  it("keeps its first blocks while it grows", () => {
    for (let length = 1; length < text.length; length += 1) {
      const now = splitMarkdown(text.slice(0, length));
      const next = splitMarkdown(text.slice(0, length + 1));
      expect(next.slice(0, now.length - 1)).toEqual(now.slice(0, -1));
    }
  });

  it("that grows is cut as if it had come at once, and what is closed stays the very same", () => {
    const whole = `# One\n\n${"Words and `code`.\n\n- a\n- b\n\n```ts\nlet x;\n\nx = 1;\n```\n\n$$\na\n\nb\n$$\n\n> said\n\n".repeat(3)}`;
    let grown: Blocks | null = null;
    for (let length = 0; length <= whole.length; length += 1) {
      const text = whole.slice(0, length);
      const next = growBlocks(grown, text);
      expect(next.blocks).toEqual(splitMarkdown(text));
      grown = next;
    }
    const defined = `${whole}[name]: https://example.org\n\nMore`;
    expect(growBlocks(grown, defined).blocks).toEqual([defined]);
    expect(growBlocks({ text: defined, blocks: [defined] }, `${defined} words`).blocks).toHaveLength(1);
    expect(growBlocks(grown, "Another").blocks).toEqual(["Another"]);
  });

  it("stays whole where a definition may be used anywhere", () => {
    const defined = "See [it][1].\n\nMore\n\n[1]: https://example.com";
    expect(splitMarkdown(defined)).toEqual([defined]);
  });
});

describe("a wanted edit", () => {
  it("is a diff without line numbers until it is made", () => {
    const input = { file_path: "/w/a", old_string: "one\ntwo\nthree", new_string: "one\n2\nthree" };
    expect(diffOf({ name: "Edit", input, result: null })?.hunks).toEqual([
      [
        { type: "same", before: null, after: null, text: "one" },
        { type: "removed", before: null, after: null, text: "two" },
        { type: "added", before: null, after: null, text: "2" },
        { type: "same", before: null, after: null, text: "three" },
      ],
    ]);
  });

  it("of several places has a hunk for each", () => {
    const edits = [
      { old_string: "a", new_string: "b" },
      { old_string: "c", new_string: "" },
    ];
    const diff = diffOf({ name: "MultiEdit", input: { file_path: "/w/a", edits }, result: null });
    expect(diff).toMatchObject({ added: 1, removed: 2 });
    expect(diff?.hunks).toHaveLength(2);
  });
});

describe("words for people", () => {
  it("exist for every reason for which a turn can fail", () => {
    for (const reason of TurnFailure.options) {
      expect(failureTexts[reason].title.length).toBeGreaterThan(5);
      expect(failureTexts[reason].advice).toMatch(/\.$/);
    }
    expect(failureTexts["key-missing"].advice).toContain("ANTHROPIC_API_KEY");
  });

  it("tells administrators what to do, and others who can do it", () => {
    for (const reason of ["key-missing", "key-rejected"] as const) {
      expect(failureTextFor(reason, { role: "admin" }).advice).toContain("where Remote Claude is started");
      expect(failureTextFor(reason, { role: "member" }).advice).toMatch(/^An administrator must set /);
    }
    expect(failureTextFor("overloaded", { role: "admin" })).toEqual(failureTexts.overloaded);
  });

  it("say why Claude Code tries again", () => {
    expect(retryCause("server_error", 529)).toBe("The model is overloaded");
    expect(retryCause(null, null)).toBe("The model did not answer");
    expect(retryCause("rate_limit", 429)).toBe("The rate limit is reached");
  });

  it("round times and tokens", () => {
    expect([400, 4000, 12_400, 61_000, 3_720_000].map(formatDuration)).toEqual([
      "0.4 s",
      "4 s",
      "12 s",
      "1 min 1 s",
      "1 h 2 min",
    ]);
    expect([950, 12_345, 120_000, 1_200_000].map(formatTokens)).toEqual(["950", "12.3k", "120k", "1.2M"]);
  });
});

describe("mentions", () => {
  it("are found at the cursor, not inside of words", () => {
    expect(findMention("look at @src/a", 14)).toEqual({ start: 8, query: "src/a" });
    expect(findMention("@", 1)).toEqual({ start: 0, query: "" });
    expect(findMention("me@example.com", 14)).toBeNull();
    expect(findMention("@done and", 9)).toBeNull();
  });

  it("are completed in place, and count while they stand in the text", () => {
    const done = completeMention("see @sr now", 7, { start: 4, query: "sr" }, "@src/a.ts");
    expect(done).toEqual({ text: "see @src/a.ts now", cursor: 14 });
    expect(mentionedPaths(done.text, ["src/a.ts", "src/a.ts", "gone.ts"])).toEqual(["src/a.ts"]);
    expect(mentionedPaths("@src/a.tsx", ["src/a.ts"])).toEqual([]);
  });
});
