import { AppError, commands, type Payload } from "@remote-claude/protocol";
import { type Chat, chatCommands, chatRelayChecks } from "./chat/index.ts";
import type { Principal } from "./context.ts";
import { conversationCommands, conversationRelayChecks } from "./conversations/index.ts";
import type { ApiHandlers, CommandContext } from "./hub/index.ts";
import { conversationRoom, sessionRoom } from "./hub/rooms.ts";
import { getSessionAccess, noteActivity, presentSession } from "./sessions/index.ts";

/** What the api itself answers of what browsers send over their socket: the compiler names a missing command. */
export function createApiHandlers(chat: Chat): ApiHandlers {
  const chatHandlers = Object.entries(chatCommands(chat)).map(([type, handler]) => [
    type,
    (payload: never, command: CommandContext) =>
      (handler as (payload: never, context: unknown) => unknown)(payload, {
        principal: command.principal,
        sessionId: command.sessionId,
        hear: (conversationId: string) => command.join(conversationRoom(command.sessionId, conversationId)),
        ignore: (conversationId: string) =>
          command.leave(conversationRoom(command.sessionId, conversationId)),
      }),
  ]);
  return {
    ...(Object.fromEntries(chatHandlers) as Pick<ApiHandlers, keyof ReturnType<typeof chatCommands>>),
    ...conversationCommands(chat),
    "session.watch": async (_, { context, principal, sessionId, join }) => {
      // Joins before it looks, so that no change falls between; what the access check knew may be a second old.
      join(sessionRoom(sessionId));
      const access = await getSessionAccess(context, principal, sessionId);
      return { session: presentSession(access), agent: context.agents.info(sessionId) };
    },
    "session.unwatch": (_, { sessionId, leave }) => {
      leave(sessionRoom(sessionId));
      return {};
    },
  };
}

type Check = (sessionId: string, payload: never, principal: Principal) => Promise<void>;

/** What happens before a command goes to the agent: chat's own checks, and work in a session counts as activity. */
export function createRelayChecks(chat: Chat): Record<string, Check> {
  const checks: Record<string, Check> = {
    ...(chatRelayChecks(chat) as Record<string, Check>),
    ...(conversationRelayChecks(chat) as Record<string, Check>),
    // A recording is of one terminal: who took its name again would not be recorded.
    "terminal.create": async (sessionId, { terminalId }: Payload<"terminal.create">) => {
      if (terminalId === undefined) return;
      const used = await chat.context.db.recording.count({ where: { sessionId, terminalId } });
      if (used > 0) throw new AppError("conflict", "There was such a terminal already.");
    },
  };
  for (const { type, to, needs } of commands.values()) {
    if (to !== "agent" || (needs !== "session.use" && needs !== "session.answer")) continue;
    const check = checks[type];
    checks[type] = async (sessionId, payload, principal) => {
      await check?.(sessionId, payload, principal);
      noteActivity(chat.context, sessionId);
    };
  }
  return checks;
}
