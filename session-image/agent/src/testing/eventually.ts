import { readFileSync } from "node:fs";
import { vi } from "vitest";

/** Waits until the assertion holds: long, because a busy machine is no reason to fail. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 25_000, interval: 25 });
}

/** A killed process may stay a zombie for as long as nobody asks for it: that is not running. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
