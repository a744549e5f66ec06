import { describe, expect, it } from "vitest";
import type { ConnectionStatus } from "../lib/live.ts";
import { silenceMs, troubleOf } from "./connection-trouble.ts";

const connection = (status: ConnectionStatus, attempt = 0) => ({ status, attempt, refusal: null, epoch: 1 });

describe("troubleOf", () => {
  it("finds none in a connection that is up, or coming up for the first time", () => {
    expect(troubleOf(connection("connected"), false)).toBeNull();
    expect(troubleOf(connection("connecting"), true)).toBeNull();
    expect(troubleOf(connection("connecting", 1), false)).toBeNull();
  });

  it("tells a lost server from a missing agent", () => {
    expect(troubleOf(connection("reconnecting"), true)).toBe("lost");
    expect(troubleOf(connection("connecting", 2), false)).toBe("lost");
    expect(troubleOf(connection("connected"), true)).toBe("agent-missing");
  });

  it("says first that the page is outdated", () => {
    expect(troubleOf(connection("outdated"), true)).toBe("outdated");
  });
});

describe("silenceMs", () => {
  it("is long enough for a short drop, and nothing for an update", () => {
    expect(silenceMs("lost")).toBeGreaterThanOrEqual(1000);
    expect(silenceMs("agent-missing")).toBeGreaterThanOrEqual(1000);
    expect(silenceMs("outdated")).toBe(0);
  });
});
