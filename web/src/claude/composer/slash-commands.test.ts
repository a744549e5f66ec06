import { describe, expect, it } from "vitest";
import { completeSlash, findSlash, matchCommands } from "./slash-commands.ts";

const command = (name: string, description = "") => ({ name, description, argumentHint: "" });

describe("a slash command", () => {
  it("is what a message begins with, up to the cursor", () => {
    expect(findSlash("/", 1)).toBe("");
    expect(findSlash("/rev", 3)).toBe("re");
    for (const text of ["say /rev", " /rev", "/review this"]) expect(findSlash(text, text.length)).toBeNull();
  });

  it("is found by its beginning first, then by its parts, then by what it does", () => {
    const commands = [
      command("clear"),
      command("plugin:review"),
      command("review"),
      command("preview-it"),
      command("x", "Reviews"),
    ];
    expect(matchCommands(commands, "rev").map(({ name }) => name)).toEqual([
      "review",
      "plugin:review",
      "preview-it",
      "x",
    ]);
    expect(matchCommands(commands, "")).toHaveLength(5);
  });

  it("takes the place of what was typed of it", () => {
    expect(completeSlash("/re", 3, "review")).toEqual({ text: "/review ", cursor: 8 });
    expect(completeSlash("/rev src", 2, "review")).toEqual({ text: "/review src", cursor: 8 });
  });
});
