import { createDb } from "@remote-claude/prisma";
import { createSealer } from "@remote-claude/prisma/sealing";
import type { Logger } from "pino";
import { type Resolve, resolveBySystem } from "./addresses.ts";
import { createAudit } from "./audit.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import { createBudgets } from "./budget.ts";
import type { Config } from "./config.ts";
import { createGitGateway } from "./git.ts";
import { createGitCredentialTest } from "./git-credential-test.ts";
import { createGitCredentials } from "./git-credentials.ts";
import { startHealthServer } from "./health.ts";
import { countDecisions, createEgressMetrics } from "./metrics.ts";
import { createModelGateway } from "./model-gateway.ts";
import { subscribe } from "./notifications.ts";
import { createPlaces } from "./places.ts";
import { createJudge, policyOf } from "./policy.ts";
import { createProxy } from "./proxy.ts";
import { createSchemeProbe } from "./scheme-probe.ts";
import { createStore, type EgressStore, type UsageRow } from "./store.ts";
import { createUpstream } from "./upstream.ts";

export interface EgressOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly resolve?: Resolve;
  readonly modelIdleTimeoutMs?: number;
  readonly reconcileEveryMs?: number;
}

/** What a notification names when it is about all places: the organisation's settings changed. */
const everyPlace = "*";

/** egress at work. */
export interface Egress {
  /** Of the health server. */
  readonly port: number;
  /** Writes what waits to be written. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything; resolves when every known place has its socket, or the database does not answer yet. */
export async function startEgress(options: EgressOptions): Promise<Egress> {
  const { config, log, resolve = resolveBySystem(), reconcileEveryMs = 5000 } = options;
  const db = createDb({
    url: config.databaseUrl,
    applicationName: "remote-claude-egress",
    maxConnections: 6,
    onConnectionError: (error) => log.warn({ err: error }, "a database connection broke"),
  });
  const store = createStore(db);
  const metrics = createEgressMetrics();
  const audit = countDecisions(createAudit(store, log), metrics);
  const usage = createUsageBatcher(store, log);
  const { host, modelKey } = config;
  const sealer = createSealer(config.gitCredentialKeys);
  const credentials = createGitCredentials({ store, sealer, log });
  const speaksTls = createSchemeProbe();
  const ownPorts = new Set<number>();
  const judge = createJudge({ resolve, ownPorts, resolvedUpstream: config.upstreamProxy !== null });
  const modelUpstream = createUpstream(config.upstreamProxy);
  const testUpstream = createUpstream(config.upstreamProxy);
  const health = await startHealthServer({
    host,
    port: config.port,
    modelKeyConfigured: modelKey !== null,
    store,
    metrics: metrics.all,
    sealer,
    log,
    testGitCredential: createGitCredentialTest({
      judge,
      credentials,
      speaksTls,
      upstream: testUpstream,
      policies: [...config.templates.values()].map((template) => policyOf(template, config.hosts)),
    }),
  });
  ownPorts.add(health.port);
  const models = createModelGateway({
    key: modelKey,
    baseUrl: config.modelBaseUrl,
    upstream: modelUpstream,
    budgets: createBudgets(store),
    usage,
    audit,
    metrics,
    log,
    ...(options.modelIdleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.modelIdleTimeoutMs }),
  });
  const services = {
    models,
    proxy: createProxy({ judge, audit }),
    git: createGitGateway({ judge, audit, credentials, speaksTls }),
    log,
  };
  const { runDir, templates, hosts, upstreamProxy } = config;
  const places = createPlaces({ runDir, store, templates, hosts, upstreamProxy, services, log });

  metrics.all.gauge("remote_claude_egress_places", "Places that have their way out.", () => [
    [{}, places.size],
  ]);
  metrics.all.gauge("remote_claude_egress_waiting_rows", "Rows that wait to be written.", () => [
    [{ of: "audit" }, audit.waiting()],
    [{ of: "usage" }, usage.waiting()],
  ]);

  const reconcile = () =>
    places
      .reconcile()
      .catch((error: unknown) => log.warn({ err: error }, "places cannot be read; sockets stay"));
  await reconcile();
  const timer = setInterval(() => void reconcile(), reconcileEveryMs);
  const subscription = subscribe({
    databaseUrl: config.databaseUrl,
    channel: "places",
    log,
    onMessage: (placeId) => {
      if (placeId === everyPlace) return void reconcile();
      places
        .refresh(placeId)
        .catch((error: unknown) => log.warn({ err: error, place: placeId }, "a place cannot be read"));
    },
    onConnected: () => void reconcile(),
  });

  return {
    port: health.port,
    async flush() {
      // Twice: one that is under way may have begun before the last rows came.
      for (const batcher of [audit, usage, audit, usage]) await batcher.flush();
    },
    async stop() {
      clearInterval(timer);
      await subscription.stop();
      await places.close();
      modelUpstream.close();
      testUpstream.close();
      await Promise.all([audit.stop(), usage.stop()]);
      await health.close();
      await db.$disconnect();
    },
  };
}

function createUsageBatcher(store: EgressStore, log: Logger): Batcher<UsageRow> {
  return createBatcher<UsageRow>({
    what: "usage",
    write: (rows) => store.addUsage(rows),
    check: () => store.check(),
    log,
  });
}
