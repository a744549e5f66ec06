import { describe, expect, it } from "vitest";
import { shortcutGroups } from "./shortcuts.ts";

describe("shortcutGroups", () => {
  it("tells every command that has a key, under the part it belongs to", () => {
    const run = () => undefined;
    const groups = shortcutGroups([
      { id: "palette.open", title: "Show all commands", keys: "Mod+Shift+P", run },
      { id: "claude.toggle", title: "View: Show or hide Claude", keys: "Mod+Alt+B", run },
      { id: "changes.next", title: "Changes: Next change", keys: "Alt+F5", run },
      { id: "editor.close-all", title: "File: Close all", run },
    ]);
    const of = (name: string) => groups.find((group) => group.name === name)?.shortcuts;
    expect(of("Everywhere")).toEqual([{ title: "Show all commands", keys: ["Mod+Shift+P"] }]);
    expect(of("Claude")).toEqual([{ title: "Show or hide Claude", keys: ["Mod+Alt+B"] }]);
    expect(of("Changes")).toEqual([{ title: "Next change", keys: ["Alt+F5"] }]);
    expect(of("Files")).toBeUndefined();
    expect(of("In the message box")?.length).toBeGreaterThan(3);
  });
});
