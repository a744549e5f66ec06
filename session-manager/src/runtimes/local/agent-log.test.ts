import { appendFileSync, closeSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentLogPath, capAgentLog, openAgentLog, readAgentLogTail } from "./agent-log.ts";

describe("an agent's log", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "rc-log-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("begins anew at each start, the one before being kept", () => {
    for (const text of ["first", "second"]) {
      const descriptor = openAgentLog(directory);
      writeSync(descriptor, text);
      closeSync(descriptor);
    }
    expect(readFileSync(agentLogPath(directory), "utf8")).toBe("second");
    expect(readFileSync(`${agentLogPath(directory)}.1`, "utf8")).toBe("first");
  });

  it("is cut when it grows too long, while the agent goes on writing", () => {
    const descriptor = openAgentLog(directory);
    writeSync(descriptor, "x".repeat(5 * 1024 * 1024));
    capAgentLog(directory);
    writeSync(descriptor, "and on");
    closeSync(descriptor);
    expect(readFileSync(agentLogPath(directory), "utf8")).toBe("and on");
    capAgentLog(directory);
    expect(statSync(agentLogPath(directory)).size).toBe(6);
  });

  it("shows people its last lines, as sentences and without control characters", () => {
    expect(readAgentLogTail(directory)).toBe("");
    const entry = {
      level: 60,
      msg: "could not start",
      err: { message: "no key", stack: "Error: no key\n at /home/me" },
    };
    appendFileSync(
      agentLogPath(directory),
      `early\nplain \u001b[31mred\n${JSON.stringify(entry)}\n{"a":1}\n\n`,
    );
    expect(readAgentLogTail(directory)).toBe('early · plain  [31mred · could not start: no key · {"a":1}');
    appendFileSync(agentLogPath(directory), `${"y".repeat(100_000)}\n`);
    expect(readAgentLogTail(directory).length).toBeLessThanOrEqual(600);
  });
});
