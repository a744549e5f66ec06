import { createElement } from "react";
import { describe, expect, it } from "vitest";
import { filePlaceOf, looksLikeFile } from "../model/links.ts";
import { splitMarkdown } from "../model/markdown-blocks.ts";
import { markMath } from "../model/math-text.ts";
import { draw } from "../testing/draw.ts";
import { Markdown } from "./markdown.tsx";
import { renderMath } from "./math-library.ts";

const html = (text: string) => draw(createElement(Markdown, { text }));

describe("formulas", () => {
  it.each([
    ["the sum $a + b$ is", "the sum $$a + b$$ is"],
    ["\\(x^2\\) and \\(y\\)", "$$x^2$$ and $$y$$"],
    ["so\n\\[\n\\frac{1}{2}\n\\]\nthen", "so\n\n$$\n\\frac{1}{2}\n$$\n\nthen"],
    ["$$\nx\n$$", "$$\nx\n$$"],
    ["$n$ of them, f is $f(x)$", "$$n$$ of them, f is $$f(x)$$"],
  ])("are found in %j", (text, marked) => expect(markMath(text)).toBe(marked));

  it.each([
    "it costs $5 or $10",
    "$5-$10, or $HOME/bin:$PATH",
    "`$a + b$` and `\\(x\\)`",
    "```sh\necho $a + $b$\n```",
    "a \\$5 note and \\$6",
    "US$5 and US$6_000",
  ])("are not seen in %j", (text) => expect(markMath(text)).toBe(text));

  it("stay whole when a blank line is in one", () => {
    const text = "Before\n\n$$\na\n\nb\n$$\n\nAfter";
    expect(splitMarkdown(text)).toEqual(["Before\n\n", "$$\na\n\nb\n$$\n\n", "After"]);
  });

  it("are set without markup of their own, links or pictures", () => {
    expect(renderMath("x^2", false)).toContain("katex");
    expect(renderMath("\\frac{", false)).toBeNull();
    expect(renderMath("x".repeat(6000), false)).toBeNull();
    const hostile =
      "\\href{javascript:alert(1)}{x} \\includegraphics{https://tracker.example/a.png} <img src=x>";
    const set = renderMath(hostile, true) ?? "";
    expect(set).not.toMatch(/<a |<img|href="/);
    expect(renderMath("\\def\\a{\\a\\a}\\a", true)).toBeNull();
  });
});

describe("links", () => {
  it.each([
    ["src/x.ts", { path: "src/x.ts", line: null }],
    ["./src/x.ts#L12-L14", { path: "src/x.ts", line: 12 }],
    ["/place/workspace/a%20b.ts:7", { path: "a b.ts", line: 7 }],
    ["https://example.org/x.ts", null],
    ["javascript:alert(1)", null],
    ["../secret", null],
    ["/etc/passwd", null],
    ["//host/x.ts", null],
    ["#part", null],
  ])("to %s lead where they should", (link, place) =>
    expect(filePlaceOf(link, "/place/workspace")).toEqual(place),
  );

  it("are made of spans of code that name a file", () => {
    expect(["src/a.ts", "a.ts:12", "web/src/[id]"].map(looksLikeFile)).toEqual([true, true, false]);
    expect(["obj.method", "1.5", "a / b.c", "npm run x", "e.g."].some(looksLikeFile)).toBe(false);
    expect(html("see `src/a.ts:3` and `x.y`")).toMatch(/<code><button[^>]+title="Open src\/a\.ts"/);
  });
});

describe("pictures", () => {
  it("are never fetched from elsewhere", () => {
    const drawn = html("![pixel](https://tracker.example/a.png?who=me) ![x](//tracker.example/b.png)");
    expect(drawn).not.toContain("<img");
    expect(drawn).toContain('href="https://tracker.example/a.png?who=me"');
  });

  it("are shown where they stand in the text itself", () => {
    expect(html("![dot](data:image/png;base64,AAAA)")).toContain('<img src="data:image/png;base64,AAAA"');
    expect(html("![no](data:text/html;base64,AAAA)")).not.toContain("data:text/html");
  });

  it("of the workspace open in the editor", () => {
    expect(html("![plot](out/plot.png)")).toMatch(/<button[^>]+title="Open out\/plot\.png"/);
  });
});

describe("diagrams", () => {
  it("stand as their text until they are drawn", () => {
    expect(html("```mermaid\nflowchart LR\n a --> b\n```")).toContain("flowchart LR");
  });
});

it("shows markup of a text as text", () => {
  const drawn = html(
    '<script>alert(1)</script>\n\n<img src=x onerror="alert(1)">\n\n[x](javascript:alert(1))',
  );
  expect(drawn).not.toMatch(/<script|<img|javascript:/);
});
