import { Id } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import { newId } from "./new-id.ts";

it("makes ids that the protocol takes, that differ, and that sort by time", () => {
  const ids = [newId(1_000), newId(2_000), newId(3_000)];
  for (const id of ids) expect(Id.safeParse(id).success).toBe(true);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => newId(1_000))).size).toBe(1000);
});
