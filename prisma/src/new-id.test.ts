import { expect, it } from "vitest";
import * as z from "zod";
import { newId } from "./new-id.ts";

it("makes UUIDs of version 7 that sort as they were made, thousands in one millisecond too", () => {
  const ids = Array.from({ length: 20_000 }, () => newId());
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids.slice(0, 100)) expect(z.uuidv7().safeParse(id).success).toBe(true);
});

it("names another time where that is asked for", () => {
  expect(newId(1_000) < newId(2_000)).toBe(true);
  expect(newId(Date.now() - 1_000) < newId()).toBe(true);
});
