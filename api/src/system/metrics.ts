import { AppError, SessionState, TaskState } from "@remote-claude/protocol";
import { type Metrics, mergeMetrics } from "@remote-claude/service/metrics";
import { type RequestHandler, Router } from "express";
import { request } from "undici";
import { describeDelivery } from "../audit-delivery/index.ts";
import type { Context } from "../context.ts";
import { bearerOf } from "../lib/bearer.ts";
import { requestIdHeaders } from "../lib/request-id-headers.ts";
import { sameSecret } from "../lib/secrets.ts";
import { poolFigures } from "../pool/index.ts";
import { describeUsage } from "./usage-metrics.ts";

const askMs = 5000;
/** What another service of ours may say of itself; more is a mistake. */
const maxBytes = 4 * 1024 * 1024;

/** Counts and times every request, by the route that it turned out to be for (http/mount.ts). */
export function observe({ metrics }: Context): RequestHandler {
  return (request, response, next) => {
    const begun = performance.now();
    response.once("finish", () => {
      const route = typeof response.locals.routeGroup === "string" ? response.locals.routeGroup : "other";
      const status = `${Math.floor(response.statusCode / 100)}xx`;
      metrics.requests.observe({ route, method: request.method, status }, (performance.now() - begun) / 1000);
    });
    next();
  };
}

/** GET /metrics for Prometheus, with METRICS_TOKEN; without it, or with a wrong one, there is nothing here. */
export function metricsRouter(context: Context): Router {
  describeInstallation(context);
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

/** What this api knows, and what session-manager and egress, which no scraper reaches, say of themselves. */
async function metricsText(context: Context): Promise<string> {
  const [own, manager, egress] = await Promise.all([
    context.metrics.all.text(),
    context.manager.metrics().catch(() => null),
    egressMetrics(context).catch(() => null),
  ]);
  const answering = { api: true, "session-manager": manager !== null, egress: egress !== null };
  const up = [
    "# HELP remote_claude_up Whether a service answered this scrape.",
    "# TYPE remote_claude_up gauge",
    ...Object.entries(answering).map(
      ([service, is]) => `remote_claude_up{service="${service}"} ${is ? 1 : 0}`,
    ),
  ].join("\n");
  return mergeMetrics([up, own, manager ?? "", egress ?? ""]);
}

async function egressMetrics({ config }: Context): Promise<string> {
  const { statusCode, body } = await request(new URL("/metrics", config.egressUrl), {
    headers: requestIdHeaders(),
    signal: AbortSignal.timeout(askMs),
  });
  const text = await body.text();
  if (statusCode !== 200 || text.length > maxBytes) throw new Error(`egress answered ${statusCode}`);
  return text;
}

/** What the database knows: the same, whichever api is asked. */
function describeInstallation(context: Context): void {
  const { all } = context.metrics;
  const { db } = context;
  all.gauge("remote_claude_info", "The running version.", () => [[{ version: context.config.version }, 1]]);
  all.gauge("remote_claude_sessions", "Sessions by state.", async () => {
    const rows = await db.$queryRaw<{ state: string; count: number }[]>`
      select state::text, count(*)::int as count from sessions where deleted_at is null group by state`;
    return byState(SessionState.options, rows);
  });
  all.gauge("remote_claude_users_active", "People who may sign in.", async () => [
    [{}, await db.user.count({ where: { status: "active" } })],
  ]);
  describeTasks(all, context);
  describePool(all, context);
  describeUsage(all, context);
  describeDelivery(context);
}

function describePool(all: Metrics, context: Context): void {
  all.gauge(
    "remote_claude_warm_places",
    "Places that stand ready, and those being started for it.",
    async () =>
      (await poolFigures(context)).places.map(
        ({ template, state, count }) => [{ template, state }, count] as const,
      ),
  );
  all.total(
    "remote_claude_warm_claims_total",
    "New sessions of templates with a pool: hit, a place stood ready; miss, it was started for them.",
    async () =>
      Object.entries((await poolFigures(context)).claims).map(
        ([result, count]) => [{ result }, count] as const,
      ),
  );
}

function describeTasks(all: Metrics, { db, clock }: Context): void {
  all.gauge("remote_claude_tasks", "Tasks that have not ended, by state.", async () => {
    const rows = await db.$queryRaw<{ state: string; count: number }[]>`
      select state::text, count(*)::int as count from tasks
      where state in ('queued', 'running', 'waiting') group by state`;
    return byState(
      TaskState.options.filter((state) => ["queued", "running", "waiting"].includes(state)),
      rows,
    );
  });
  all.gauge(
    "remote_claude_task_queue_age_seconds",
    "How long the task has waited that has been queued the longest; 0: none is queued.",
    async () => {
      const oldest = await db.task.findFirst({
        where: { state: "queued" },
        orderBy: { createdAt: "asc" },
        select: { createdAt: true },
      });
      const ageMs = oldest === null ? 0 : clock.now().getTime() - oldest.createdAt.getTime();
      return [[{}, Math.max(0, ageMs / 1000)]];
    },
  );
}

/** Those that do not occur are 0, not absent: an absent series is a gap in a chart. */
function byState(states: readonly string[], rows: readonly { state: string; count: number }[]) {
  return states.map((state) => [{ state }, rows.find((row) => row.state === state)?.count ?? 0] as const);
}
