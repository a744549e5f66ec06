import type * as z from "zod";
import type { AuditAction } from "../audit.ts";
import type { SessionAbility } from "../roles.ts";
import type { NeededScope } from "../scopes.ts";

/**
 * A request with one reply. Browsers send commands over socket.io, the api relays those for the agent.
 * `needs` is the ability the sender must have in the session; `"internal"` commands go from api to agent only
 * and are refused from a browser.
 */
export interface CommandDefinition<
  Type extends string = string,
  To extends "agent" | "api" = "agent" | "api",
  Payload extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly kind: "command";
  readonly type: Type;
  readonly to: To;
  readonly needs: SessionAbility | "internal";
  /** What a token with scopes must have besides; a sign-in by cookie has them all. */
  readonly scope: NeededScope;
  readonly payload: Payload;
  readonly reply: Reply;
  /** Recorded by the api before the command is relayed, with these fields of the payload as details. */
  readonly audit?: {
    readonly action: AuditAction;
    readonly details: readonly (keyof z.infer<Payload> & string)[];
    /** Sent again with the same details it is the same act, which the agent does once: one row is enough. */
    readonly once?: boolean;
  };
}

/**
 * Something that happened. `keep: "log"` events belong to a conversation's journal: numbered, stored, replayed
 * by cursor. `keep: "none"` events are live only. `reach: "client"` goes to the one client it names,
 * `"session"` to everyone who watches the session.
 */
export interface EventDefinition<
  Type extends string = string,
  From extends "agent" | "api" = "agent" | "api",
  Payload extends z.ZodType = z.ZodType,
> {
  readonly kind: "event";
  readonly type: Type;
  readonly from: From;
  readonly keep: "log" | "none";
  readonly reach: "client" | "session";
  readonly payload: Payload;
}

export function command<
  const Type extends string,
  const To extends "agent" | "api",
  Payload extends z.ZodType,
  Reply extends z.ZodType,
>(
  type: Type,
  definition: Omit<CommandDefinition<Type, To, Payload, Reply>, "kind" | "type">,
): CommandDefinition<Type, To, Payload, Reply> {
  return { kind: "command", type, ...definition };
}

export function event<
  const Type extends string,
  const From extends "agent" | "api",
  Payload extends z.ZodType,
>(
  type: Type,
  definition: Omit<EventDefinition<Type, From, Payload>, "kind" | "type">,
): EventDefinition<Type, From, Payload> {
  return { kind: "event", type, ...definition };
}
