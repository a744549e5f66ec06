import { AuditFilter } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import { queryOf } from "../data/ask.ts";
import { actionsOf } from "../model/action-groups.ts";
import { noFilters } from "./filters.ts";

it("asks the api only for what is looked for, in its own words", () => {
  const nowhere = { from: null, to: null };
  expect(queryOf(noFilters, nowhere)).toEqual({});
  const query = queryOf(
    { ...noFilters, what: ["approvals"], results: ["refused", "failed"], text: "x" },
    { from: "2026-11-26T10:00:00.000Z", to: null },
  );
  expect(query).toEqual({
    actions: actionsOf("approvals").join(","),
    results: "refused,failed",
    text: "x",
    from: "2026-11-26T10:00:00.000Z",
  });
  expect(AuditFilter.parse(query)).toEqual(query);
});
