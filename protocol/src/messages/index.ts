import type * as z from "zod";
import * as account from "./account.ts";
import * as act from "./act.ts";
import * as changes from "./changes.ts";
import * as chat from "./chat.ts";
import * as claude from "./claude.ts";
import * as conversation from "./conversation.ts";
import * as file from "./file.ts";
import type { CommandDefinition, EventDefinition } from "./message.ts";
import * as recording from "./recording.ts";
import * as rule from "./rule.ts";
import * as session from "./session.ts";
import * as terminal from "./terminal.ts";
import * as workspace from "./workspace.ts";

/** Everything the message areas export; what is no definition (a schema, say) is sorted out below. */
const exported = {
  ...account,
  ...act,
  ...terminal,
  ...recording,
  ...file,
  ...workspace,
  ...chat,
  ...conversation,
  ...claude,
  ...rule,
  ...session,
  ...changes,
};
type Exported = (typeof exported)[keyof typeof exported];

export type Command = Extract<Exported, { kind: "command" }>;
export type Event = Extract<Exported, { kind: "event" }>;
export type CommandType = Command["type"];
export type EventType = Event["type"];
export type CommandOf<Type extends CommandType> = Extract<Command, { type: Type }>;
export type EventOf<Type extends EventType> = Extract<Event, { type: Type }>;
export type CommandTo<To extends "agent" | "api"> = Extract<Command, { to: To }>["type"];
export type EventFrom<From extends "agent" | "api"> = Extract<Event, { from: From }>["type"];
export type Payload<Type extends CommandType | EventType> = z.infer<
  Extract<Command | Event, { type: Type }>["payload"]
>;
export type Reply<Type extends CommandType> = z.infer<CommandOf<Type>["reply"]>;

/** A handler for every command sent to that process: the compiler names the missing one. */
export type Handlers<To extends "agent" | "api", Context> = {
  [Type in CommandTo<To>]: (payload: Payload<Type>, context: Context) => Promise<Reply<Type>> | Reply<Type>;
};

function definitionsOf<Kind extends "command" | "event">(kind: Kind) {
  const found = Object.values(exported).filter(
    (value) => "kind" in value && (value as { kind: unknown }).kind === kind,
  ) as unknown as (Kind extends "command" ? CommandDefinition : EventDefinition)[];
  return new Map(found.map((definition) => [definition.type, definition]));
}

/** Every command by its type. */
export const commands: ReadonlyMap<string, CommandDefinition> = definitionsOf("command");
/** Every event by its type. */
export const events: ReadonlyMap<string, EventDefinition> = definitionsOf("event");

export * from "./account.ts";
export * from "./act.ts";
export * from "./changes.ts";
export * from "./chat.ts";
export * from "./claude.ts";
export * from "./conversation.ts";
export * from "./file.ts";
export * from "./message.ts";
export * from "./recording.ts";
export * from "./rule.ts";
export * from "./session.ts";
export * from "./terminal.ts";
export * from "./workspace.ts";
