import { vi } from "vitest";

/**
 * Tests wait for conditions, and a busy machine is no failure: `vi.waitFor` is patient for 15 seconds unless a test
 * says otherwise (its own default of one second has no setting).
 */
const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === "number" ? options : { timeout: 15_000, interval: 20, ...options });
