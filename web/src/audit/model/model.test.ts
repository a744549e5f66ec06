import { describe, expect, it } from "vitest";
import { bucketsOf, bucketWords, chartWords, maxBuckets } from "./buckets.ts";
import { mergeNewer } from "./newest.ts";
import { withDays } from "./rows.ts";
import { boundsOf, fromLocalField, rangeWords, toLocalField } from "./time-range.ts";
import { sentenceOf, subjectOf, wordsOf } from "./words.ts";

const hour = 3_600_000;
const at = (text: string) => Date.parse(`2026-11-26T${text}:00Z`);

describe("the bars over time", () => {
  const counts = [
    { at: "2026-11-26T10:00:00.000Z", count: 3, troubled: 1 },
    { at: "2026-11-26T13:00:00.000Z", count: 7, troubled: 0 },
  ];

  it("stand for every stretch of the range, the empty ones too", () => {
    const buckets = bucketsOf(counts, { from: at("09:30"), to: at("13:10"), stepMs: hour });
    expect(buckets.map(({ count }) => count)).toEqual([0, 3, 0, 0, 7]);
    expect(buckets[1]).toEqual({ from: at("10:00"), to: at("11:00"), count: 3, troubled: 1 });
  });

  it("begin with the first entry where the range has no beginning, and are none where there is none", () => {
    const buckets = bucketsOf(counts, { from: null, to: at("14:00"), stepMs: hour });
    expect(buckets.map(({ count }) => count)).toEqual([3, 0, 0, 7, 0]);
    expect(bucketsOf([], { from: null, to: at("14:00"), stepMs: hour })).toEqual([]);
  });

  it("are never more than can be told apart", () => {
    const buckets = bucketsOf(counts, { from: 0, to: at("13:30"), stepMs: hour });
    expect(buckets).toHaveLength(maxBuckets);
    expect(buckets.at(-1)?.count).toBe(7);
  });

  it("have words for those who do not see them", () => {
    const buckets = bucketsOf(counts, { from: at("10:00"), to: at("13:00"), stepMs: hour });
    expect(chartWords(buckets)).toMatch(/^10 entries, 1 refused or failed; most, 7 entries: Nov 26, .+\.$/);
    expect(chartWords([])).toBe("No entries in this time.");
    expect(bucketWords({ from: at("00:00"), to: at("00:00") + 48 * hour })).toMatch(/^Nov \d+ – Nov \d+$/);
  });
});

describe("a range of time", () => {
  it("that goes back from now has no end", () => {
    const now = at("12:00");
    expect(boundsOf({ kind: "last", id: "hour" }, now)).toEqual({
      from: "2026-11-26T11:00:00.000Z",
      to: null,
    });
    expect(boundsOf({ kind: "last", id: "all" }, now)).toEqual({ from: null, to: null });
  });

  it("goes through the fields of a form unchanged, to the minute", () => {
    const from = "2026-11-26T11:05:00.000Z";
    expect(fromLocalField(toLocalField(from))).toBe(from);
    expect(fromLocalField("")).toBe(null);
    expect(rangeWords({ kind: "between", from: null, to: null })).toBe("All time");
  });
});

describe("what an entry says", () => {
  const row = { result: "success", target: null, details: {} };

  it("is of the catalogue; an action that the page does not know speaks for itself", () => {
    expect(wordsOf("session.stopped")).toBe("A session stopped");
    expect(sentenceOf("never.heard-of")).toBe("never.heard-of");
  });

  it("names what it was about, whatever the action keeps it under", () => {
    const said = (action: string, more: object) => subjectOf({ ...row, action, ...more });
    expect(said("claude.prompted", { details: { text: "fix\n  it" } })).toBe("fix it");
    expect(said("file.moved", { details: { from: "a", to: "b" } })).toBe("a → b");
    expect(said("file.deleted", { details: { path: "a" } })).toBe("a");
    expect(said("egress.refused", { target: "evil.example:443", details: { reason: "not-allowed" } })).toBe(
      "evil.example:443 · not-allowed",
    );
    expect(said("claude.permission-answered", { details: { decision: "deny", message: "no" } })).toBe(
      "denied · no",
    );
    expect(said("settings.changed", { details: { by: "0193a000-0000-7000", sessions: 4 } })).toBe(
      "sessions 4",
    );
    expect(said("session.paused", {})).toBe(null);
  });
});

it("a line stands before the first entry of each day", () => {
  const now = Date.now();
  const entries = [now, now - 1, now - 48 * hour].map((ms, index) => ({
    id: String(index),
    at: new Date(ms).toISOString(),
  }));
  const kinds = withDays(entries, now).map((listed) => (listed.kind === "day" ? listed.title : listed.index));
  expect(kinds[0]).toBe("Today");
  expect(kinds.filter((kind) => typeof kind === "number")).toEqual([0, 1, 2]);
});

it("what comes goes on top, once each, and what comes late where its time says", () => {
  const one = (id: string, seconds: number) => ({ id, at: new Date(seconds * 1000).toISOString() });
  const known = [one("b", 2), one("a", 1)];
  expect(mergeNewer(known, [one("b", 2)])).toBe(known);
  const merged = mergeNewer(known, [one("e", 3), one("d", 3), one("c", 1.5), one("b", 2)]);
  expect(merged.map(({ id }) => id)).toEqual(["e", "d", "b", "c", "a"]);
});
