import type { RewindFile, RewindPreview } from "@remote-claude/protocol";
import { createElement } from "react";
import { expect, it } from "vitest";
import { draw, textOf } from "../testing/draw.ts";
import { Changes, Lost } from "./changes.tsx";

const file = (path: string, fate?: RewindFile["fate"]): RewindFile => ({ path, changedSince: true, fate });

function saidOf(...files: RewindFile[]): string {
  const preview: RewindPreview = {
    ...{ files, insertions: 1, deletions: 2 },
    ...{ filesRefused: null, conversationRefused: null, backgroundTasks: 0 },
  };
  return textOf(draw(createElement(Changes, { preview, scope: "files" })));
}

it("says of each file whether it goes back, is made anew, or is deleted", () => {
  const said = saidOf(file("a.ts", "changed"), file("b.ts", "restored"), file("c.ts", "deleted"));
  expect(said).toContain("One file changes, one file is made anew, one file is deleted");
  expect(said).toMatch(/a\.ts.*goes back.*b\.ts.*made anew.*c\.ts.*deleted/);
  expect(saidOf(file("c.ts", "deleted"), file("d.ts", "deleted"))).toContain("2 files are deleted");
});

it("claims nothing of a file where the session's agent did not say it", () => {
  const said = saidOf(file("a.ts"), file("b.ts"));
  expect(said).toContain("2 files change");
  expect(said).not.toMatch(/a\.ts.*goes back.*b\.ts/);
});

it("asks by name before it deletes or overwrites what somebody else has changed", () => {
  const asked = (...files: RewindFile[]) =>
    textOf(draw(createElement(Lost, { files, checked: false, onChange: () => undefined })));
  expect(asked(file("a.ts", "changed"))).toBe("Overwrite what somebody else has changed since in a.ts");
  expect(asked(file("a.ts"), file("c.ts", "deleted"))).toBe(
    "Overwrite what somebody else has changed since in a.ts, and delete c.ts with what somebody else has changed since",
  );
});
