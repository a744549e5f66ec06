import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "./stage.ts";

const token = "benchmark";

/** Settings of a product that keeps so many places ready; 0: every start is a cold one. */
export const withPool = (places: number) => ({ WARM_PLACES: String(places), METRICS_TOKEN: token });

/** Resolves when a place stands ready, and what was done for it has ended. */
export async function untilWarm(stage: Stage): Promise<void> {
  const { API_PORT } = await stage.environment("api");
  const deadline = performance.now() + 60_000;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${API_PORT}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (/^remote_claude_warm_places\{[^}]*state="running"\} [1-9]/m.test(await response.text())) break;
    if (performance.now() > deadline) throw new Error("no place stands ready");
    await delay(100);
  }
  // Its agent tidies up two seconds after its start.
  await delay(3000);
}
