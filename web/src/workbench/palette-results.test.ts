import { describe, expect, it } from "vitest";
import { fileQuery, highlighted, matchingCommands } from "./palette-results.ts";

describe("highlighted", () => {
  const results = ["src/app.ts", "src/app.test.ts", "app.md"];

  it("is the first result before anyone chose", () => {
    expect(highlighted(results, null)).toBe("src/app.ts");
  });

  it("is what the person moved to while the results stay", () => {
    expect(highlighted(results, { among: results, value: "app.md" })).toBe("app.md");
  });

  it("is the first of new results, even when the choice is still one of them", () => {
    const next = ["app.ts", ...results];
    expect(highlighted(next, { among: results, value: "app.md" })).toBe("app.ts");
  });

  it("is the first when the list's library says that nothing is chosen", () => {
    expect(highlighted(results, { among: results, value: "" })).toBe("src/app.ts");
  });

  it("is nothing when there are no results", () => {
    expect(highlighted([], null)).toBe("");
  });

  it("knows a name that ends with a space", () => {
    const odd = ["a", "b "];
    expect(highlighted(odd, { among: odd, value: "b" })).toBe("b");
  });
});

describe("fileQuery", () => {
  it.each([
    ["src/app.ts", { name: "src/app.ts", line: null }],
    ["src/app.ts:42", { name: "src/app.ts", line: 42 }],
    ["src/app.ts:", { name: "src/app.ts", line: null }],
    ["", { name: "", line: null }],
  ])("reads %j", (text, query) => {
    expect(fileQuery(text)).toEqual(query);
  });
});

describe("matchingCommands", () => {
  const command = (id: string, title: string) => ({ id, title, run: () => undefined });
  const commands = [
    command("terminal.create", "Terminal: New terminal"),
    command("palette.open", "Show all commands"),
    command("file.create", "Files: New file"),
  ];
  const titles = (text: string) => matchingCommands(commands, text).map(({ title }) => title);

  it("gives all by title, without the one that opens the palette", () => {
    expect(titles(">")).toEqual(["Files: New file", "Terminal: New terminal"]);
  });

  it("wants every word, in any order and case", () => {
    expect(titles("> terminal NEW")).toEqual(["Terminal: New terminal"]);
    expect(titles(">new nothing")).toEqual([]);
  });
});
