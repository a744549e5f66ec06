import { WorkspacePath } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import { attachmentPath } from "./attach-files.ts";

it("gives each file a path of its own that is one, whatever its name", () => {
  const now = new Date("2026-11-26T20:40:12Z");
  expect(attachmentPath("image.png", now, 0)).toBe("uploads/20261126-204012-image.png");
  expect(attachmentPath("image.png", now, 1)).toBe("uploads/20261126-204012-1-image.png");
  for (const name of ["../../etc/passwd", "..", "", "a b\n.png", "日本.png", "x".repeat(300)]) {
    const path = attachmentPath(name, now, 0);
    expect(WorkspacePath.safeParse(path).success).toBe(true);
    expect(path.split("/")).toHaveLength(2);
  }
});
