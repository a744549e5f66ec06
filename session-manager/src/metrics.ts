import { AppError, type Place, PlaceState } from "@remote-claude/protocol";
import { describeProcess, type Metrics } from "@remote-claude/service/metrics";
import type { Runtime } from "./runtimes/runtime.ts";

const startSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How each change of a place went. */
export interface ChangeMeter {
  measure<T>(change: "ensure" | "stop" | "pause" | "resume" | "remove", work: () => Promise<T>): Promise<T>;
}

export function measureChanges(metrics: Metrics): ChangeMeter {
  const seconds = metrics.timer(
    "remote_claude_place_change_seconds",
    "What starting, stopping and removing places took, by result: ok, or the error's code.",
    startSeconds,
  );
  return {
    async measure(change, work) {
      const begun = performance.now();
      let result = "ok";
      try {
        return await work();
      } catch (error) {
        result = error instanceof AppError ? error.code : "internal";
        throw error;
      } finally {
        seconds.observe({ change, result }, (performance.now() - begun) / 1000);
      }
    },
  };
}

/** What session-manager knows of its places and of itself. */
export function describePlaces(
  metrics: Metrics,
  runtime: Runtime,
  places: { list(): Promise<Place[]> },
): void {
  describeProcess(metrics, "session-manager");
  // One look at the engine serves all that is asked of it in the same moment.
  let looking: Promise<Place[]> | null = null;
  const look = () => {
    looking ??= places.list().finally(() => {
      looking = null;
    });
    return looking;
  };
  metrics.gauge("remote_claude_places", "Places by state.", async () => {
    const all = await look();
    return PlaceState.options.map(
      (state) => [{ state }, all.filter((place) => place.state === state).length] as const,
    );
  });
  const sum = async (of: "memoryBytes" | "processes" | "cpuSeconds") =>
    [[{}, (await look()).reduce((total, { stats }) => total + (stats?.[of] ?? 0), 0)]] as const;
  metrics.gauge("remote_claude_places_memory_bytes", "Memory of all that runs in places.", () =>
    sum("memoryBytes"),
  );
  metrics.gauge("remote_claude_places_processes", "Processes in places.", () => sum("processes"));
  metrics.gauge("remote_claude_places_cpu_seconds", "Processor time of the places that run now.", () =>
    sum("cpuSeconds"),
  );
  metrics.gauge("remote_claude_limits_enforced", "1: the kernel holds sessions to this limit.", () =>
    Object.entries(runtime.capabilities().limits).map(
      ([limit, by]) => [{ limit }, by === "enforced" ? 1 : 0] as const,
    ),
  );
}
