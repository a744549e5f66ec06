import { auditActions } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { actionGroups, actionsOf } from "../model/action-groups.ts";
import { chipsOf } from "./chips.ts";
import { actionsIn, type Filters, filtersOf, hrefOfFilters, noFilters, toParams } from "./filters.ts";

const person = "0193a000-0000-7000-8000-0000000000aa";
const session = "0193a000-0000-7000-8000-0000000000bb";
const everything: Filters = {
  person,
  session,
  what: ["approvals", "file.read"],
  results: ["refused", "failed"],
  actors: ["claude"],
  range: { kind: "between", from: "2026-11-26T10:00:00.000Z", to: null },
  address: "192.0.2.7",
  request: "request-1",
  text: "two words & more",
};

describe("filters in the address", () => {
  it("are read as they were written, all of them or none", () => {
    expect(filtersOf(toParams(everything))).toEqual(everything);
    expect(filtersOf(toParams(noFilters))).toEqual(noFilters);
    expect(hrefOfFilters({})).toBe("/audit");
    expect(hrefOfFilters({ person, range: { kind: "last", id: "all" } })).toBe(
      `/audit?person=${person}&last=all`,
    );
  });

  it("leave out what nobody can mean", () => {
    const params = new URLSearchParams(
      "person=me&session=../x&what=approvals,nonsense,approvals&result=great&by=ghost&from=yesterday&last=year",
    );
    expect(filtersOf(params)).toEqual({ ...noFilters, what: ["approvals"] });
  });

  it("stand for actions: a group for all of its own", () => {
    expect(actionsIn([])).toEqual([]);
    expect(actionsIn(["approvals", "claude.permission-asked", "file.read"])).toEqual([
      ...actionsOf("approvals"),
      "file.read",
    ]);
  });

  it("know a group for each action of the catalogue, and each group has some", () => {
    const grouped = actionGroups.flatMap(({ id }) => actionsOf(id));
    expect([...grouped].sort()).toEqual(Object.keys(auditActions).sort());
    expect(actionGroups.filter(({ id }) => actionsOf(id).length === 0)).toEqual([]);
  });

  it("are chips, each of which can be taken out alone", () => {
    const names = { person: () => "Grace", session: () => null };
    const chips = chipsOf(everything, names);
    expect(chips.map(({ label }) => label)).toEqual([
      "“two words & more”",
      "Grace",
      "Session 0000bb",
      "Approvals",
      "A file was read by a person",
      "Refused",
      "Failed",
      "By: claude",
      "From 192.0.2.7",
      "Request request-1",
      expect.stringMatching(/^Since /),
    ]);
    for (const { without } of chips) expect(chipsOf(without, names)).toHaveLength(chips.length - 1);
    expect(chipsOf(noFilters, names)).toEqual([]);
  });
});
