import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createBatcher } from "./batcher.ts";

const silent = pino({ level: "silent" });

describe("rows on their way to the database", () => {
  let stop: () => Promise<void> = async () => undefined;
  afterEach(() => stop());

  function setUp(maxWaiting = 1000) {
    const written: number[] = [];
    const state = { away: false, refused: -1, calls: 0 };
    const batcher = createBatcher<number>({
      what: "test",
      log: silent,
      maxBatch: 10,
      maxWaiting,
      flushAfterMs: 20,
      async write(rows) {
        state.calls += 1;
        if (state.away || rows.includes(state.refused)) throw new Error("no");
        written.push(...rows);
      },
      async check() {
        if (state.away) throw new Error("away");
      },
    });
    stop = batcher.stop;
    return { batcher, written, state };
  }

  it("wait while it is away, and arrive once, in order", async () => {
    const { batcher, written, state } = setUp();
    state.away = true;
    for (let n = 0; n < 35; n += 1) batcher.add(n);
    await vi.waitFor(() => expect(state.calls).toBeGreaterThan(2));
    expect(written).toEqual([]);
    state.away = false;
    await vi.waitFor(() => expect(written).toHaveLength(35));
    expect(written).toEqual(Array.from({ length: 35 }, (_, n) => n));
  });

  it("do not wait for one that it refuses", async () => {
    const { batcher, written, state } = setUp();
    state.refused = 4;
    for (let n = 0; n < 12; n += 1) batcher.add(n);
    await batcher.flush();
    expect(written).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("are bounded", async () => {
    const { batcher, written, state } = setUp(20);
    state.away = true;
    for (let n = 0; n < 100; n += 1) batcher.add(n);
    await batcher.flush();
    await batcher.flush();
    state.away = false;
    await batcher.flush();
    await batcher.flush();
    expect(written).toEqual(Array.from({ length: 20 }, (_, n) => n + 80));
  });

  it("are written at the end", async () => {
    const { batcher, written } = setUp();
    batcher.add(1);
    await batcher.stop();
    expect(written).toEqual([1]);
  });
});
