import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openDb } from "@remote-claude/prisma";
import { takeHandedOver } from "@remote-claude/service/handover";
import type { Logger } from "pino";
import { keepSettling } from "./acts/index.ts";
import { type AgentConnector, type Agents, createAgents, unixConnector } from "./agents/index.ts";
import { keepAlerting } from "./alerts/index.ts";
import { keepDelivering } from "./audit-delivery/index.ts";
import { endVerifying } from "./audit-review/index.ts";
import { authenticate, ensureFirstAdmin, keepPruning } from "./auth/index.ts";
import { announceChanges, type Chat, measureTurns } from "./chat/index.ts";
import type { Config } from "./config.ts";
import type { Broadcaster, Clock, Context } from "./context.ts";
import { resealGitCredentials } from "./git-credentials/index.ts";
import { createHandlers, createHttp } from "./http/index.ts";
import { createSocketServer, type Hub, startHub } from "./hub/index.ts";
import { adoptIdentities } from "./identities/index.ts";
import { createApiMetrics } from "./lib/api-metrics.ts";
import { createHttpManager, type Manager } from "./manager/index.ts";
import { keepPool } from "./pool/index.ts";
import { createRecorder } from "./recorder/index.ts";
import { createRecordings, keepRetiring } from "./recordings/index.ts";
import { createReplicas } from "./replicas/index.ts";
import { keepSealing, keepVerifying } from "./seals/index.ts";
import {
  announceSession,
  closeSessions,
  ensureRunning,
  findSessionAccess,
  followOtherReplicas,
  noteActivity,
  watchLimits,
  watchPlaces,
  watchStrays,
} from "./sessions/index.ts";
import { createApiHandlers, createRelayChecks } from "./socket-commands.ts";
import { createStorage, type Storage } from "./storage/index.ts";
import { performTask, taskQueue } from "./tasks/index.ts";
import { watchBudgets } from "./usage/index.ts";

/** How long stopping waits for what is under way. */
const stopMs = 8000;

/** What tests put in the place of the real thing. */
export interface Replacements {
  readonly manager?: Manager;
  readonly agents?: Agents;
  readonly connector?: AgentConnector;
  readonly storage?: Storage;
  readonly clock?: Clock;
}

export interface App {
  readonly context: Context;
  /** Prepares the database, takes up what the last api left, and listens. Resolves with the address. */
  start(): Promise<{ host: string; port: number }>;
  /** Ends in order; what is half done is taken up by the next start. */
  stop(): Promise<void>;
}

/** Puts the api together. Nothing happens before `start`. */
export function createApp(config: Config, log: Logger, replacements: Replacements = {}): App {
  let listener: RequestListener = (_request, response) => response.writeHead(503).end();
  // socket.io takes over the listeners it finds, so this one must be there before it.
  const server = createServer((request, response) => listener(request, response));
  limitPatience(server);
  const { io, broadcast, presence } = createSocketServer(server);
  const { context, close } = createContext(config, log, replacements, broadcast);
  const chat: Chat = { context, recorder: createRecorder(context) };
  const recordings = createRecordings(context);
  chat.recorder.onLease(recordings.leased);
  const queue = taskQueue(config.databaseUrl, log);
  const tasks = { ...chat, ensureRunning: (sessionId: string) => ensureRunning(context, sessionId) };
  listener = createHttp(context, createHandlers(chat, queue));
  const hub = startSockets(io, presence, chat);
  const closers: (() => void)[] = [];
  let closePool = async () => {};
  let closeSealing = async () => {};
  let closeDelivery = async () => {};
  let closeAlerts = async () => {};

  return {
    context,
    async start() {
      await ensureFirstAdmin(context);
      await adoptIdentities(context);
      // Much works without artifacts, and /api/ready says that they are missing.
      await context.storage
        .prepare({ locks: context.config.audit.lockDays > 0 })
        .catch((error) => log.warn({ err: error }, "artifact storage is not as it should be"));
      await resealGitCredentials(context);
      closers.push(
        keepPruning(context),
        keepRetiring(context),
        watchPlaces(context),
        watchStrays(context),
        followOtherReplicas(context),
        watchBudgets(context),
        measureTurns(chat),
        watchLimits(context, chat.recorder.holder),
      );
      closers.push(await keepSettling(context));
      closePool = keepPool(context);
      closeSealing = keepSealing(context);
      closeDelivery = keepDelivering(context);
      closeAlerts = keepAlerting(context);
      closers.push(keepVerifying(context));
      closers.push(
        announceChanges(chat, (sessionId) => {
          noteActivity(context, sessionId);
          announceSession(context, sessionId);
        }),
      );
      await queue.start();
      // Without Redis there is no other api that could be at work on them.
      if (config.redisUrl === null) await queue.takeOver();
      await queue.work((taskId, stopping) => performTask(tasks, taskId, stopping));
      const address = await listen(server, config);
      // The gateway of one machine gives us the WebSockets themselves.
      if (config.mode === "standalone") closers.push(takeHandedOver(server));
      return address;
    },
    async stop() {
      for (const close of closers) close();
      await within(stopMs, queue.stop(), log);
      await within(
        stopMs,
        Promise.all([
          hub.close(),
          closeServer(server),
          closeSessions(context),
          closePool(),
          closeSealing(),
          closeDelivery(),
          endVerifying(context),
          closeAlerts(),
        ]),
        log,
      );
      await within(stopMs, Promise.all([chat.recorder.stop(), recordings.stop()]), log);
      await close();
    },
  };
}

/** Everything the api works with: the real thing, or what stands in for it. */
function createContext(
  config: Config,
  log: Logger,
  { connector, ...replacements }: Replacements,
  broadcast: Broadcaster,
): { context: Context; close(): Promise<void> } {
  const httpManager = createHttpManager({ url: config.managerUrl, secret: config.managerSecret, log });
  const replicas = createReplicas(config.redisUrl, log);
  const metrics = createApiMetrics();
  const context: Context = {
    config,
    log,
    metrics,
    broadcast: replicas.share(broadcast),
    replicas,
    ...openDb({
      url: config.databaseUrl,
      applicationName: "remote-claude api",
      onConnectionError: (error) => log.warn({ err: error }, "a database connection broke"),
    }),
    clock: replacements.clock ?? { now: () => new Date() },
    manager: replacements.manager ?? httpManager,
    agents: replacements.agents ?? createAgents(connector ?? unixConnector(config), log, metrics),
    storage: replacements.storage ?? createStorage(config.artifacts),
  };
  return {
    context,
    async close() {
      context.agents.close();
      await httpManager.close();
      await replicas.close();
      await context.db.$disconnect();
    },
  };
}

function startSockets(
  io: Parameters<typeof startHub>[0],
  presence: Parameters<typeof startHub>[1],
  chat: Chat,
): Hub {
  const { context, recorder } = chat;
  return startHub(io, presence, {
    context,
    recorder,
    handlers: createApiHandlers(chat),
    relayChecks: createRelayChecks(chat),
    findAccess: (principal, sessionId) => findSessionAccess(context, principal, sessionId),
    async authenticate(headers, { address, token }) {
      const found = await authenticate(context, {
        headers,
        remoteAddress: address ?? undefined,
        ...(token === null ? {} : { token }),
        requestId: randomUUID(),
      });
      return found?.principal ?? null;
    },
  });
}

/** Uploads may take an hour; a header that does not come, or a connection that says nothing, may not. */
function limitPatience(server: Server): void {
  server.headersTimeout = 30_000;
  server.requestTimeout = 3_600_000;
  // Longer than the gateway keeps its idle connections: it, not we, ends them.
  server.keepAliveTimeout = 75_000;
}

function listen(server: Server, { host, port }: Config): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    // What still runs after that has had its chance.
    setTimeout(() => server.closeAllConnections(), stopMs / 2).unref();
  });
}

async function within(ms: number, work: Promise<unknown>, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  const ended = await Promise.race([work.catch((error) => log.warn({ err: error }, "stopping")), late]);
  clearTimeout(timer);
  if (ended === "late") log.warn("stopping without waiting any longer");
}
