import { type EventFrom, events, type Payload } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import type { Recorder } from "../recorder/index.ts";
import { conversationRoom, sessionRoom } from "./rooms.ts";
import type { SocketServer } from "./types.ts";

/** Events that a reader subscribes to by conversation instead of by session. */
function roomOf<Type extends EventFrom<"agent">>(
  type: Type,
  sessionId: string,
  payload: Payload<Type>,
): string {
  if (type !== "chat.delta") return sessionRoom(sessionId);
  return conversationRoom(sessionId, (payload as Payload<"chat.delta">).conversationId);
}

/** Passes every event of every agent on to whom its definition says. */
export function relayEvents(io: SocketServer, context: Context, recorder: Recorder): void {
  for (const definition of events.values()) {
    // The recorder puts the log's events in order first.
    if (definition.from !== "agent" || definition.keep === "log") continue;
    const type = definition.type as EventFrom<"agent">;
    context.agents.onEvent(type, (sessionId, payload, client) => {
      if (definition.reach === "session") {
        io.to(roomOf(type, sessionId, payload)).emit("event", type, sessionId, payload);
        return;
      }
      const socket = io.sockets.sockets.get(client ?? "");
      // Hostile ground: an agent may only address those who have spoken to it.
      if (socket?.data.sessions.has(sessionId)) socket.emit("event", type, sessionId, payload);
    });
  }
  recorder.onEntry((sessionId, entry) => {
    io.to(conversationRoom(sessionId, entry.conversationId)).emit("event", "chat.entry", sessionId, entry);
  });
  context.agents.onConnectionChange((sessionId, agent) => {
    // Of this api's own connection, so to its own browsers.
    io.to(sessionRoom(sessionId)).emit("event", "session.agent-changed", sessionId, { agent });
  });
}
