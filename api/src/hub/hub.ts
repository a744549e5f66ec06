import type { Server as HttpServer, IncomingHttpHeaders } from "node:http";
import { AppError, maxFrameBytes } from "@remote-claude/protocol";
import { Server } from "socket.io";
import type { Broadcaster, Context, Principal, SessionAccess } from "../context.ts";
import { assertOurOrigin } from "../http/origin.ts";
import type { Recorder } from "../recorder/index.ts";
import { closeClient, socketBroadcaster } from "./broadcaster.ts";
import { type CommandDependencies, handleCommand, type RelayChecks } from "./command.ts";
import { Lanes } from "./lanes.ts";
import { Presence } from "./presence.ts";
import { relayEvents } from "./relay-events.ts";
import { addressRoom, signInRoom, tokenRoom, userRoom } from "./rooms.ts";
import type { ApiHandlers, Client, ClientData, SocketServer } from "./types.ts";
import { watchAccess } from "./watch-access.ts";

/** A connection with so much waiting does not read: it is closed and may come back. */
const maxWaitingPackets = 4000;
const maxWaitingBytes = 32 * 1024 * 1024;

export interface HubDependencies {
  readonly context: Context;
  readonly recorder: Recorder;
  readonly handlers: ApiHandlers;
  readonly relayChecks: RelayChecks;
  /** Who speaks, by the handshake's cookie, or by a token (`auth: { token }`); null: nobody we know. */
  readonly authenticate: (
    headers: IncomingHttpHeaders,
    request: { address: string | null; token: string | null },
  ) => Promise<Principal | null>;
  readonly findAccess: (principal: Principal, sessionId: string) => Promise<SessionAccess | null>;
}

export interface Hub {
  close(): Promise<void>;
}

/** Makes the socket.io server first: its Broadcaster is part of the context that everything else needs. */
export function createSocketServer(server: HttpServer): {
  io: SocketServer;
  broadcast: Broadcaster;
  presence: Presence;
} {
  const io: SocketServer = new Server(server, {
    path: "/socket.io",
    transports: ["websocket"],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: maxFrameBytes,
    // A phone that sleeps is found out in under a minute; what it missed is replayed by cursor.
    pingInterval: 20_000,
    pingTimeout: 20_000,
  });
  const presence = new Presence(io);
  return { io, broadcast: socketBroadcaster(io, (sessionId) => presence.refresh(sessionId)), presence };
}

async function admit(deps: HubDependencies, client: Client): Promise<Principal> {
  const { headers, address } = client.handshake;
  const { token } = client.handshake.auth as { token?: unknown };
  // Whatever is no token leaves the cookie to speak, which another site's page must not make it do.
  if (typeof token !== "string") assertOurOrigin(headers, deps.context.config.publicUrl);
  const principal = await deps.authenticate(headers, {
    address,
    token: typeof token === "string" ? token : null,
  });
  if (principal === null) throw new AppError("unauthenticated", "Sign in first.");
  assertRoom(deps.context, client, principal);
  return principal;
}

/** One person, or one address, may not take all that this process can hold. */
function assertRoom({ config }: Context, client: Client, { id, address }: Principal): void {
  const count = (room: string) => client.nsp.adapter.rooms.get(room)?.size ?? 0;
  const { perUser, perAddress } = config.maxConnections;
  if (count(userRoom(id)) >= perUser) {
    throw new AppError("quota_exceeded", `You have ${perUser} pages open. Close some of them.`);
  }
  if (address !== null && count(addressRoom(address)) >= perAddress) {
    throw new AppError("quota_exceeded", "Too many pages are open from your network's address.");
  }
}

function isTooSlow({ conn }: Client): boolean {
  const { writeBuffer = [] } = conn as unknown as { writeBuffer?: { data?: string | Buffer }[] };
  if (writeBuffer.length > maxWaitingPackets) return true;
  let bytes = 0;
  for (const { data } of writeBuffer) bytes += data?.length ?? 0;
  return bytes > maxWaitingBytes;
}

function onConnection(deps: HubDependencies, commandDeps: CommandDependencies, client: Client): void {
  const { principal, sessions } = client.data;
  client.join(userRoom(principal.id));
  if (principal.address !== null) client.join(addressRoom(principal.address));
  client.join(principal.via.kind === "sign-in" ? signInRoom(principal.via.id) : tokenRoom(principal.via.id));
  client.on("command", (...args: unknown[]) => void handleCommand(commandDeps, client, args));
  // What is neither a command nor socket.io's own is a mistake of the client; saying nothing is enough.
  client.on("error", (error) => deps.context.log.debug({ err: error }, "socket error"));
  const watchdog = setInterval(() => {
    if (isTooSlow(client)) closeClient(client, "too-slow");
  }, 1000);
  client.on("disconnect", () => {
    clearInterval(watchdog);
    for (const sessionId of sessions) deps.context.agents.clientGone(sessionId, client.id);
  });
}

/** Connects browsers with the api's handlers and the agents. */
export function startHub(io: SocketServer, presence: Presence, deps: HubDependencies): Hub {
  const commandDeps: CommandDependencies = {
    context: deps.context,
    handlers: deps.handlers,
    relayChecks: deps.relayChecks,
    findAccess: (client, sessionId) => deps.findAccess(client.data.principal, sessionId),
  };
  deps.context.metrics.all.gauge(
    "remote_claude_connections",
    "Live connections: open pages and clients.",
    () => [[{}, io.engine.clientsCount]],
  );
  io.use((client, next) => {
    admit(deps, client)
      .then((principal) => {
        const data: ClientData = {
          principal,
          sessions: new Set(),
          access: new Map(),
          roles: new Map(),
          lanes: new Lanes(),
          inFlight: 0,
        };
        Object.assign(client.data, data);
        next();
      })
      .catch((error: unknown) => {
        const refused = error instanceof AppError ? error : new AppError("internal", "Something went wrong.");
        // socket.io passes `data` of a connect error on to the client.
        next(Object.assign(new Error(refused.code), { data: refused.toBody() }));
      });
  });
  io.on("connection", (client) => onConnection(deps, commandDeps, client));
  relayEvents(io, deps.context, deps.recorder);
  const unwatch = watchAccess(io, deps.context);
  const absent = presence.start(deps.context);
  return {
    async close() {
      unwatch();
      absent();
      io.emit("event", "session.connection-closing", null, { reason: "shutting-down" });
      await io.close();
    },
  };
}
