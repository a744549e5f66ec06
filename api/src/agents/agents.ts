import { type AgentInfo, AppError, type EventFrom, events, type Payload } from "@remote-claude/protocol";
import { outsideRequests } from "@remote-claude/service/request-scope";
import type { Logger } from "pino";
import { type ApiMetrics, createApiMetrics } from "../lib/api-metrics.ts";
import { AgentConnection } from "./agent-connection.ts";
import type { AgentConnector } from "./connector.ts";
import { readTransfer, writeTransfer } from "./transfers.ts";
import { type Agents, NotSent, type RequestOptions } from "./types.ts";

/** A place that is starting is tried often; one that stays away, once a second. */
const firstRetryMs = 4;
const startsWithinMs = 1000;
const longestRetryMs = 1000;
/** One that talks nonsense would do so again at once. */
const retryAfterNonsenseMs = 10_000;

interface Link {
  readonly placeId: string;
  connection: AgentConnection | null;
  readonly attachedAt: number;
  retryMs: number;
  /** Until then it is not tried again, whoever asks. */
  notBefore: number;
  timer: NodeJS.Timeout | null;
  released: boolean;
  readonly waiters: Set<(connection: AgentConnection | null) => void>;
}

/** One object for each area: a reply is no occasion to make labels. */
const areas = new Map<string, { readonly area: string }>();
function areaOf(type: string): { readonly area: string } {
  const known = areas.get(type);
  if (known !== undefined) return known;
  const made = { area: type.split(".", 1)[0] ?? type };
  areas.set(type, made);
  return made;
}

type Listener = (sessionId: string, payload: never, client: string | undefined) => void;

/** Keeps one connection to the agent of each attached session, for as long as it is attached. */
export function createAgents(
  connector: AgentConnector,
  log: Logger,
  metrics: Pick<ApiMetrics, "agentRoundTrip"> = createApiMetrics(),
): Agents {
  const links = new Map<string, Link>();
  const listeners = new Map<string, Set<Listener>>();
  const connectionListeners = new Set<(sessionId: string, agent: AgentInfo | null) => void>();

  const announce = (sessionId: string, agent: AgentInfo | null) => {
    for (const listener of connectionListeners) listener(sessionId, agent);
  };

  function onEvent(sessionId: string, type: string, payload: unknown, client: string | undefined): void {
    const definition = events.get(type);
    if (definition?.from !== "agent") throw new AppError("bad_request", `unknown event ${type}`);
    const checked = definition.payload.parse(payload) as never;
    for (const listener of listeners.get(type) ?? []) listener(sessionId, checked, client);
  }

  function retryLater(sessionId: string, link: Link): void {
    if (link.released) return;
    const now = performance.now();
    link.timer = setTimeout(
      () => {
        link.timer = null;
        void connect(sessionId, link);
      },
      Math.max(link.retryMs, link.notBefore - now),
    );
    if (now - link.attachedAt < startsWithinMs) return;
    link.retryMs = Math.min(link.retryMs * 1.5, longestRetryMs);
  }

  /** Whoever asks again knows that it may be there now. */
  function hurry(sessionId: string, link: Link): void {
    if (link.timer === null || performance.now() < link.notBefore) return;
    clearTimeout(link.timer);
    link.timer = null;
    link.retryMs = firstRetryMs;
    void connect(sessionId, link);
  }

  async function connect(sessionId: string, link: Link): Promise<void> {
    try {
      const opened = await connector.connect(link.placeId);
      if (link.released) {
        opened.socket.terminate();
        return;
      }
      link.retryMs = firstRetryMs;
      const connectionLog = log.child({ sessionId, placeId: link.placeId });
      let ended = false;
      const connection = new AgentConnection(
        opened,
        {
          replied: (type, seconds) => {
            if (type !== "workspace.execute") metrics.agentRoundTrip.observe(areaOf(type), seconds);
          },
          event: (type, payload, client) => onEvent(sessionId, type, payload, client),
          closed: (why) => {
            ended = true;
            if (why === "malformed") link.notBefore = performance.now() + retryAfterNonsenseMs;
            if (link.connection === null) return;
            link.connection = null;
            announce(sessionId, null);
            retryLater(sessionId, link);
          },
        },
        connectionLog,
      );
      if (ended) return retryLater(sessionId, link);
      link.connection = connection;
      connectionLog.info({ bootId: connection.agent.bootId }, "agent connected");
      announce(sessionId, connection.agent);
      for (const wake of link.waiters) wake(connection);
    } catch (error) {
      if (link.retryMs >= longestRetryMs) log.debug({ err: error, sessionId }, "agent not reached");
      retryLater(sessionId, link);
    }
  }

  async function connected(sessionId: string, withinMs: number): Promise<AgentConnection> {
    const link = links.get(sessionId);
    if (link?.connection) return link.connection;
    if (link === undefined || withinMs <= 0) {
      throw new NotSent("The session's agent is not connected.");
    }
    return new Promise((resolve, reject) => {
      const settle = (connection: AgentConnection | null) => {
        clearTimeout(timer);
        link.waiters.delete(settle);
        if (connection !== null) resolve(connection);
        else reject(new NotSent("The session's agent did not come up in time."));
      };
      const timer = setTimeout(() => settle(null), withinMs);
      link.waiters.add(settle);
    });
  }

  function release(sessionId: string): void {
    const link = links.get(sessionId);
    if (link === undefined) return;
    links.delete(sessionId);
    link.released = true;
    if (link.timer !== null) clearTimeout(link.timer);
    const { connection } = link;
    link.connection = null;
    for (const wake of link.waiters) wake(null);
    if (connection !== null) {
      connection.close();
      announce(sessionId, null);
    }
  }

  const placeOf = (sessionId: string) => {
    const link = links.get(sessionId);
    if (link === undefined) throw new NotSent("The session's agent is not connected.");
    return link.placeId;
  };

  const agents: Agents = {
    attach(sessionId, placeId) {
      const known = links.get(sessionId);
      if (known?.placeId === placeId) return hurry(sessionId, known);
      release(sessionId);
      const link: Link = {
        placeId,
        connection: null,
        attachedAt: performance.now(),
        notBefore: 0,
        retryMs: firstRetryMs,
        timer: null,
        released: false,
        waiters: new Set(),
      };
      links.set(sessionId, link);
      // The connection outlives whatever asked for it.
      outsideRequests(() => void connect(sessionId, link));
    },
    release,
    info: (sessionId) => links.get(sessionId)?.connection?.agent ?? null,
    ready: async (sessionId, withinMs) => (await connected(sessionId, withinMs)).agent,
    async request(sessionId, type, payload, options: RequestOptions = {}) {
      const now = links.get(sessionId)?.connection;
      // No `await` on the common path: commands of one client must keep their order.
      if (now) return now.request(type, payload, options);
      const connection = await connected(sessionId, options.connectWaitMs ?? 0);
      return connection.request(type, payload, options);
    },
    async read(sessionId, { path, archive }) {
      const direction = archive === true ? "archive" : "read";
      const ticket = await agents.request(sessionId, "file.open-transfer", { direction, path });
      return readTransfer(await connector.http(placeOf(sessionId)), ticket);
    },
    async readPatch(sessionId, snapshots) {
      const request = { direction: "patch", path: "", snapshots } as const;
      const ticket = await agents.request(sessionId, "file.open-transfer", request);
      return readTransfer(await connector.http(placeOf(sessionId)), ticket);
    },
    async write(sessionId, { extract, ...request }, body) {
      const ticket = await agents.request(sessionId, "file.open-transfer", {
        direction: extract === true ? "extract" : "write",
        ...request,
      } as Payload<"file.open-transfer">);
      return writeTransfer(await connector.http(placeOf(sessionId)), ticket.ticket, request.maxBytes, body);
    },
    clientGone: (sessionId, client) => links.get(sessionId)?.connection?.clientGone(client),
    onEvent<Type extends EventFrom<"agent">>(
      type: Type,
      listener: (sessionId: string, payload: Payload<Type>, client: string | undefined) => void,
    ) {
      const known = listeners.get(type) ?? new Set();
      listeners.set(type, known.add(listener as Listener));
      return () => known.delete(listener as Listener);
    },
    onConnectionChange(listener) {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    close() {
      for (const sessionId of [...links.keys()]) release(sessionId);
    },
  };
  return agents;
}
