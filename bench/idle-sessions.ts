import { setTimeout as delay } from "node:timers/promises";
import type { Place } from "@remote-claude/protocol";
import { hasImage } from "./floor/bare-container.ts";
import type { Figure } from "./lib/report.ts";
import { openStage, type Stage } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";
import { withPool } from "./lib/warm.ts";

const sessions = 20;
/** By then an agent has given back what its start took. */
const settleMs = 20_000;

/** What session-manager measures of every place that runs, in MB. */
async function weigh(stage: Stage): Promise<number[]> {
  const { MANAGER_PORT, MANAGER_SECRET } = await stage.environment("session-manager");
  const response = await fetch(`http://127.0.0.1:${MANAGER_PORT}/places`, {
    headers: { authorization: `Bearer ${MANAGER_SECRET}` },
  });
  const { places } = (await response.json()) as { places: Place[] };
  return places.flatMap(({ stats }) => (stats === null ? [] : stats.memoryBytes / 1024 / 1024));
}

/** Twenty sessions on one machine in which nobody does anything: how they start, and what each of them takes. */
export async function run(): Promise<Figure[]> {
  // Where sessions can be containers, they are.
  const runtime = (await hasImage("remote-claude/session")) ? "docker" : "local";
  const stage = await openStage({ SESSION_RUNTIME: runtime, ...withPool(0) });
  try {
    const times: number[] = [];
    const ids: string[] = [];
    for (let count = 1; count <= sessions; count += 1) {
      const startedAt = performance.now();
      ids.push((await stage.client.createSession({ name: `Idle ${count}` })).id);
      times.push(performance.now() - startedAt);
    }
    await delay(settleMs);
    const weights = await weigh(stage);
    for (const id of ids) await stage.client.call("DELETE", `/api/sessions/${id}`);
    const figure = (what: string, unit: string, ours: number, floor: number | null = null): Figure => ({
      what: `${sessions} idle sessions (${runtime}): ${what}`,
      unit,
      ours,
      floor,
      budget: null,
    });
    return [
      {
        ...figure("memory of one", "MB", median(weights)),
        budget: { of: "value", bound: "at most", must: 75, aim: 60 },
      },
      figure(
        "memory of all",
        "MB",
        weights.reduce((sum, each) => sum + each, 0),
      ),
      figure(
        "start of the last five (floor: of the first five)",
        "ms",
        median(times.slice(-5)),
        median(times.slice(0, 5)),
      ),
    ];
  } finally {
    await stage.close();
  }
}
