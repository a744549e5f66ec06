import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring } from "./ring.ts";
import { skimModes } from "./skim.ts";

describe("the ring", () => {
  it("holds the last bytes of any stream under their offsets", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 40 }), (chunks) => {
        const ring = new Ring(64, 8);
        let whole = Buffer.alloc(0);
        for (const chunk of chunks) {
          ring.append(chunk);
          whole = Buffer.concat([whole, chunk]);
          expect(ring.end).toBe(whole.length);
          expect(ring.end - ring.start).toBeGreaterThanOrEqual(Math.min(64, chunk.length));
          expect(ring.read(ring.start, 1000)).toEqual(whole.subarray(ring.start));
          const parts: Buffer[] = [];
          for (let at = ring.start; at < ring.end; at += parts.at(-1)?.length ?? 0)
            parts.push(Buffer.from(ring.view(at, 7)));
          expect(Buffer.concat(parts)).toEqual(whole.subarray(ring.start));
        }
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("refuses offsets that it does not hold", () => {
    const ring = new Ring(4);
    ring.append(Buffer.from("abcdef"));
    expect(() => ring.read(1, 1)).toThrow(RangeError);
    expect(() => ring.read(7, 1)).toThrow(RangeError);
  });
});

describe("skimming", () => {
  it("keeps the last word on each mode and drops text and colours", () => {
    const output = "\x1b[31mred\x1b[?1049h\x1b[?25ltext\x1b[2J\x1b[?25h\x1b[?2004h\x1b[5;20r\x1b(0";
    expect(skimModes(Buffer.from(output))).toBe("\x1b[?1049h\x1b[?25h\x1b[?2004h\x1b[5;20r\x1b(0");
  });

  it("forgets what was set before a reset", () => {
    expect(skimModes(Buffer.from("\x1b[?1049h lots \x1bc\x1b[?7l"))).toBe("\x1bc\x1b[?7l");
  });
});
