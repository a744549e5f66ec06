import { describe, expect, it } from "vitest";
import { type CastEvent, clockOf, parseCast, sizeIn } from "./cast.ts";
import { find, textOf } from "./find.ts";
import { Playback } from "./playback.ts";

const lines = (...events: unknown[]) =>
  [{ version: 2, width: 80, height: 24 }, ...events].map((line) => `${JSON.stringify(line)}\n`).join("");

const cast = parseCast(
  lines(
    [0.5, "o", "$ ls\r\n"],
    [1, "r", "100x30"],
    [60, "o", "one\r\ntwo\r\n"],
    [61, "m", "3 bytes are not recorded"],
  ),
);

function play(given = cast) {
  const shown: CastEvent[] = [];
  const screen = { reset: () => void shown.splice(0), show: (event: CastEvent) => void shown.push(event) };
  return { playback: new Playback(given, screen), shown: () => shown.map(({ text }) => text) };
}

describe("a cast", () => {
  it("is read line by line, without what it does not know", () => {
    expect(cast).toMatchObject({ cols: 80, rows: 24, duration: 61 });
    expect(parseCast(lines([1, "x", "?"], "nonsense", [2, "o", "a"])).events).toHaveLength(1);
    expect(() => parseCast("<html>")).toThrow(SyntaxError);
    expect(() => parseCast('{"version":1}\n')).toThrow(/asciicast/);
  });

  it("tells times and sizes as people and screens take them", () => {
    expect([0, 65.9, 3727].map(clockOf)).toEqual(["0:00", "1:05", "1:02:07"]);
    expect(sizeIn("100x30")).toEqual({ cols: 100, rows: 30 });
    for (const text of ["0x30", "100", "9999x10", "axb"]) expect(sizeIn(text)).toBeNull();
  });
});

describe("a replay", () => {
  it("shows what is due at its speed, and skips what is idle", () => {
    const { playback, shown } = play();
    playback.advance(0.4);
    expect(shown()).toEqual([]);
    playback.speed = 2;
    playback.advance(0.3);
    expect(shown()).toEqual(["$ ls\r\n", "100x30"]);
    playback.advance(0.1);
    expect(playback.at).toBeCloseTo(59.9);
    playback.skipIdle = false;
    playback.advance(1);
    expect(playback.ended).toBe(true);
  });

  it("waits through idle time where that is wanted", () => {
    const { playback } = play();
    playback.skipIdle = false;
    playback.advance(30);
    expect(playback.at).toBe(30);
  });

  it("goes to any moment, forward or back, and draws no more than a screen needs", () => {
    const { playback, shown } = play();
    playback.seek(60);
    expect(shown()).toEqual(["$ ls\r\n", "100x30", "one\r\ntwo\r\n"]);
    playback.seek(0.7);
    expect(shown()).toEqual(["$ ls\r\n"]);
    const flood = Array.from({ length: 50 }, (_, index) => [index, "o", "x".repeat(100_000)]);
    const long = play(parseCast(lines([0, "r", "90x20"], ...flood)));
    long.playback.seek(49);
    expect(long.shown()).toHaveLength(11);
    expect(long.shown()[0]).toBe("90x20");
  });
});

describe("the search", () => {
  it("finds text whatever its case, across colours and pieces, with its moment", () => {
    const text = textOf(
      parseCast(
        lines(
          [1, "o", "\u001b[31mFatal\u001b[0m err"],
          [2, "o", "or\u001b["],
          [3, "o", "1m here\r\nno more\r\n"],
        ),
      ),
    );
    expect(find(text, "fatal ERROR here", 10)).toEqual([{ at: 1, line: "Fatal error here" }]);
    expect(find(text, "or", 10)).toEqual([
      { at: 2, line: "Fatal error here" },
      { at: 3, line: "no more" },
    ]);
    expect(find(text, "or", 1)).toHaveLength(1);
    expect(find(text, "absent", 10)).toEqual([]);
    expect(find(text, "", 10)).toEqual([]);
  });
});
