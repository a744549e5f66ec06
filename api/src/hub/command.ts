import {
  AppError,
  type CommandDefinition,
  type CommandTo,
  commands,
  type ErrorBody,
  Id,
  type Payload,
  parseOrRefuse,
} from "@remote-claude/protocol";
import { beginAsked } from "../acts/index.ts";
import type { AuditEntry } from "../audit/index.ts";
import type { Context, Principal, SessionAccess } from "../context.ts";
import { logError, translateError } from "../http/errors.ts";
import { assertWithinLimit, commandLimits } from "../http/limits.ts";
import { countError } from "../lib/api-metrics.ts";
import { beyondToken, can, reaches } from "../policy/index.ts";
import { laneOf } from "./lanes.ts";
import type { ApiHandlers, Client, KnownAccess } from "./types.ts";

/** How long an answer of the policy counts for a connection; disabling a person closes it at once besides. */
const accessCountsForMs = 1000;
/** From then on a command has it asked anew while it still counts, so that no keystroke waits for the database. */
const accessRenewedAfterMs = 500;
/** Commands one connection may have under way. */
const maxInFlight = 256;

/** What a command that is relayed needs checked in the database first. */
export type RelayChecks = {
  [Type in CommandTo<"agent">]?: (
    sessionId: string,
    payload: Payload<Type>,
    principal: Principal,
  ) => Promise<void>;
};

export interface CommandDependencies {
  readonly context: Context;
  readonly handlers: ApiHandlers;
  readonly relayChecks: RelayChecks;
  readonly findAccess: (client: Client, sessionId: string) => Promise<SessionAccess | null>;
}

/** A command that is on its way; in an object, so that awaiting the one does not await the other. */
interface Handed {
  readonly reply: Promise<unknown>;
}

type Answer = { ok: true; payload: unknown } | { ok: false; error: ErrorBody };

function definitionOf(type: unknown): CommandDefinition {
  const definition = typeof type === "string" ? commands.get(type) : undefined;
  if (definition === undefined || definition.needs === "internal") {
    throw new AppError("bad_request", "There is no such command.");
  }
  return definition;
}

/** Puts a new answer in the place of this one when it is there; without one this one runs out. */
function renewAccess(deps: CommandDependencies, client: Client, sessionId: string, known: KnownAccess): void {
  known.renewing = true;
  const next: KnownAccess = {
    at: Date.now(),
    found: deps.findAccess(client, sessionId),
    renewing: false,
  };
  next.found.then(
    () => {
      if (client.data.access.get(sessionId) === known) client.data.access.set(sessionId, next);
    },
    () => undefined,
  );
}

/** The client's access to the session; someone else's session is `not_found`. */
async function accessOf(
  deps: CommandDependencies,
  client: Client,
  sessionId: string,
): Promise<SessionAccess> {
  const now = Date.now();
  let known = client.data.access.get(sessionId);
  if (known === undefined || now - known.at > accessCountsForMs) {
    known = { at: now, found: deps.findAccess(client, sessionId), renewing: false };
    client.data.access.set(sessionId, known);
  } else if (now - known.at > accessRenewedAfterMs && !known.renewing) {
    renewAccess(deps, client, sessionId, known);
  }
  const access = await known.found.catch((error: unknown) => {
    client.data.access.delete(sessionId);
    throw error;
  });
  if (access !== null) {
    if (!client.data.roles.has(sessionId)) client.data.roles.set(sessionId, access.role);
    return access;
  }
  // Only what is theirs is remembered: whoever asks for invented ids must not fill our memory.
  client.data.access.delete(sessionId);
  throw new AppError("not_found", "There is no such session.");
}

/** Checks and records the command, then hands it to the agent. Resolves as soon as it is on its way. */
async function relay(
  deps: CommandDependencies,
  client: Client,
  sessionId: string,
  definition: CommandDefinition,
  payload: never,
): Promise<Handed> {
  const { context, relayChecks } = deps;
  const type = definition.type as CommandTo<"agent">;
  const check = relayChecks[type];
  if (check !== undefined) await check(sessionId, payload, client.data.principal);
  const entry = auditEntryOf(definition, client, sessionId, payload);
  const act = entry === null ? null : await beginAsked(context, entry, definition.audit?.once);
  // The agent was told that this client is gone already: a reader made now would stay for good.
  if (!client.connected) {
    const gone = new AppError("unavailable", "The connection was closed.");
    await act?.failed(gone);
    throw gone;
  }
  client.data.sessions.add(sessionId);
  const { id, name } = client.data.principal;
  // Commands that people wait for, such as a search or a command line, end by their own limits.
  // So do a commit's hooks.
  const timeoutMs = type === "workspace.execute" || type === "changes.commit" ? 610_000 : 30_000;
  const reply = context.agents.request(sessionId, type, payload, {
    client: client.id,
    actor: { id, name },
    timeoutMs,
    ...(act !== null && { act: act.id }),
  });
  if (act === null) return { reply };
  return {
    reply: reply.then(
      (answer) => {
        // On record it is already: nobody waits until it is no longer under way.
        void act.done().catch(() => {});
        return answer;
      },
      async (error: unknown) => {
        // The record said that it was asked for; it also says when the session did not do it.
        await act.failed(error);
        throw error;
      },
    ),
  };
}

/** What is recorded of a command, in the name of the person who sent it; null for commands that are not. */
function auditEntryOf(
  { audit }: CommandDefinition,
  client: Client,
  sessionId: string,
  payload: never,
): (AuditEntry & { sessionId: string }) | null {
  if (audit === undefined) return null;
  const details = Object.fromEntries(audit.details.map((name) => [name, payload[name as never]]));
  return { action: audit.action, actor: client.data.principal, sessionId, details };
}

/** An agent that is not there because the session does not run is no failure: the person can start it. */
function explain(error: unknown, { session }: SessionAccess): unknown {
  const unreachable = error instanceof AppError && error.code === "agent_unreachable";
  if (!unreachable || session.state === "running") return error;
  return new AppError("session_not_ready", `The session is ${session.state}.`, {
    details: { state: session.state },
  });
}

/** Finds out whether the command may be, and begins it. */
async function begin(
  deps: CommandDependencies,
  client: Client,
  definition: CommandDefinition,
  sessionId: string,
  given: unknown,
): Promise<Handed> {
  const access = await accessOf(deps, client, sessionId);
  if (!reaches(client.data.principal, definition.scope)) {
    throw new AppError("forbidden", beyondToken(definition.scope));
  }
  if (definition.needs !== "internal" && !can(client.data.principal, definition.needs, access)) {
    throw new AppError("forbidden", "You may look into this session, but not do that in it.");
  }
  const limit = commandLimits[definition.type];
  if (limit !== undefined)
    await assertWithinLimit(deps.context, client.data.principal, definition.type, limit);
  const payload = parseOrRefuse(definition.payload, given, definition.type) as never;
  if (definition.to === "agent") {
    const { reply } = await relay(deps, client, sessionId, definition, payload);
    return {
      reply: reply.catch((error: unknown) => {
        throw explain(error, access);
      }),
    };
  }
  const reply = await deps.handlers[definition.type as keyof ApiHandlers](payload, {
    context: deps.context,
    principal: client.data.principal,
    access,
    sessionId,
    // A room joined after the connection has ended would never be left.
    join: (room) => client.connected && void client.join(room),
    leave: (room) => void client.leave(room),
  });
  return { reply: Promise.resolve(reply) };
}

async function perform(
  deps: CommandDependencies,
  client: Client,
  type: unknown,
  session: unknown,
  given: unknown,
): Promise<unknown> {
  const definition = definitionOf(type);
  const sessionId = parseOrRefuse(Id, session, "the session");
  const lane = laneOf(definition, sessionId, given);
  const { reply } = await client.data.lanes.run(lane, () =>
    begin(deps, client, definition, sessionId, given),
  );
  return reply;
}

/** Answers one command of one client. Whatever comes in, it answers and does not throw. */
export async function handleCommand(
  deps: CommandDependencies,
  client: Client,
  args: unknown[],
): Promise<void> {
  const [type, session, payload, acknowledge] = args;
  const answer = (reply: Answer) => {
    if (typeof acknowledge === "function") acknowledge(reply);
  };
  try {
    if (client.data.inFlight >= maxInFlight) {
      throw new AppError("rate_limited", "Too many commands at once on this connection.");
    }
    client.data.inFlight += 1;
    try {
      answer({ ok: true, payload: await perform(deps, client, type, session, payload) });
    } finally {
      client.data.inFlight -= 1;
    }
  } catch (error) {
    const translated = translateError(error);
    logError(
      deps.context.log.child({
        client: client.id,
        command: typeof type === "string" ? type.slice(0, 100) : typeof type,
      }),
      error,
      translated,
    );
    countError(deps.context.metrics, "socket", translated.code);
    answer({ ok: false, error: translated.toBody() });
  }
}
