import { describe, expect, it } from "vitest";
import { createLog } from "./log.ts";

function lines(least: Parameters<typeof createLog>[0]) {
  const written: string[] = [];
  const log = createLog(least, { service: "agent" }, (line) => written.push(line));
  return { log, entries: () => written.map((line) => JSON.parse(line) as Record<string, unknown>), written };
}

describe("the agent's log", () => {
  it("has one line of JSON for each entry, with the level as pino numbers it", () => {
    const { log, entries, written } = lines("info");
    log.info("a\nb");
    log.warn({ count: 2n }, "careful");
    expect(written.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
    expect(entries()).toMatchObject([
      { level: 30, service: "agent", msg: "a\nb", time: expect.any(Number) },
      { level: 40, count: "2", msg: "careful" },
    ]);
  });

  it("shows an error with its stack, its code and its cause", () => {
    const { log, entries } = lines("info");
    const cause = Object.assign(new Error("no such file"), { code: "ENOENT" });
    log.error({ err: new TypeError("not read", { cause }) }, "failed");
    expect(entries()[0]?.err).toMatchObject({
      type: "TypeError",
      message: "not read",
      stack: expect.stringContaining("log.test.ts"),
      cause: { message: "no such file", code: "ENOENT" },
    });
  });

  it("leaves out what is less severe than the level, and everything when silent", () => {
    const { log, entries } = lines("warn");
    log.info("no");
    log.debug({ a: 1 }, "no");
    log.fatal("yes");
    expect(entries()).toMatchObject([{ level: 60, msg: "yes" }]);
    const silent = lines("silent");
    silent.log.fatal("no");
    expect(silent.written).toEqual([]);
  });

  it("survives what JSON cannot hold", () => {
    const { log, entries } = lines("info");
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    log.error({ circle }, "odd");
    expect(entries()).toMatchObject([{ level: 50, msg: "odd" }]);
  });
});
