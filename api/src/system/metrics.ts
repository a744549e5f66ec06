import { monitorEventLoopDelay } from "node:perf_hooks";
import { AppError } from "@remote-claude/protocol";
import { type RequestHandler, Router } from "express";
import type { Context } from "../context.ts";
import { bearerOf } from "../lib/bearer.ts";
import { perContext } from "../lib/per-context.ts";
import { sameSecret } from "../lib/secrets.ts";
import { poolFigures } from "../pool/index.ts";

const bucketSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** Requests by method and kind of status: few series, however many paths there are. */
const requestsOf = perContext(() => new Map<string, Series>());
const eventLoopDelay = monitorEventLoopDelay({ resolution: 20 });

/** Counts and times every request. */
export function observe(context: Context): RequestHandler {
  const requests = requestsOf(context);
  eventLoopDelay.enable();
  return (request, response, next) => {
    const begun = performance.now();
    response.once("finish", () => {
      const labels = `method="${request.method}",status="${Math.floor(response.statusCode / 100)}xx"`;
      let series = requests.get(labels);
      if (series === undefined) {
        series = { count: 0, sum: 0, buckets: bucketSeconds.map(() => 0) };
        requests.set(labels, series);
      }
      const seconds = (performance.now() - begun) / 1000;
      series.count += 1;
      series.sum += seconds;
      for (const [index, limit] of bucketSeconds.entries()) {
        if (seconds <= limit) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
      }
    });
    next();
  };
}

/** GET /metrics for Prometheus, with METRICS_TOKEN; without it, or with a wrong one, there is nothing here. */
export function metricsRouter(context: Context): Router {
  const router = Router();
  router.get("/", async (request, response) => {
    const { metricsToken } = context.config;
    const given = bearerOf(request.headers.authorization);
    if (metricsToken === null || given === null || !sameSecret(given, metricsToken)) {
      throw new AppError("not_found", "There is nothing here.");
    }
    response.type("text/plain; version=0.0.4; charset=utf-8").send(await metricsText(context));
  });
  return router;
}

type Sample = readonly [labels: string, value: number];

function metric(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels === "" ? "" : `{${labels}}`} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}

function requestMetrics(requests: ReadonlyMap<string, Series>): string {
  const name = "remote_claude_http_request_duration_seconds";
  const lines = [`# HELP ${name} Requests to the api.`, `# TYPE ${name} histogram`];
  for (const [labels, { count, sum, buckets }] of requests) {
    for (const [index, limit] of bucketSeconds.entries()) {
      lines.push(`${name}_bucket{${labels},le="${limit}"} ${buckets[index] ?? 0}`);
    }
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${count}`);
    lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`);
  }
  return lines.join("\n");
}

async function poolMetrics(context: Context): Promise<string> {
  const { places, claims } = await poolFigures(context);
  return [
    metric(
      "remote_claude_warm_places",
      "gauge",
      "Places that stand ready, and those being started for it.",
      places.map(({ template, state, count }) => [`template="${template}",state="${state}"`, count] as const),
    ),
    metric(
      "remote_claude_warm_claims_total",
      "counter",
      "New sessions of templates with a pool: hit, a place stood ready; miss, it was started for them.",
      Object.entries(claims).map(([result, count]) => [`result="${result}"`, count] as const),
    ),
  ].join("\n");
}

async function metricsText(context: Context): Promise<string> {
  const states = await context.db.$queryRaw<{ state: string; count: number }[]>`
    select state::text, count(*)::int as count from sessions where deleted_at is null group by state`;
  const [users] = await context.db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from users where status = 'active'`;
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  return `${[
    metric("remote_claude_info", "gauge", "The running version.", [
      [`version="${context.config.version}"`, 1],
    ]),
    metric(
      "remote_claude_sessions",
      "gauge",
      "Sessions by state.",
      states.map(({ state, count }) => [`state="${state}"`, count] as const),
    ),
    metric("remote_claude_users_active", "gauge", "People who may sign in.", [["", users?.count ?? 0]]),
    await poolMetrics(context),
    requestMetrics(requestsOf(context)),
    metric("process_resident_memory_bytes", "gauge", "Resident memory.", [["", memory.rss]]),
    metric("nodejs_heap_size_used_bytes", "gauge", "Used heap.", [["", memory.heapUsed]]),
    metric("process_cpu_seconds_total", "counter", "Processor time.", [["", (cpu.user + cpu.system) / 1e6]]),
    metric("nodejs_eventloop_lag_p99_seconds", "gauge", "Event loop delay since the start.", [
      ["", eventLoopDelay.percentile(99) / 1e9],
    ]),
  ].join("\n")}\n`;
}
