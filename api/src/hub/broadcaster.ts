import type { CloseReason } from "@remote-claude/protocol";
import type { Broadcaster } from "../context.ts";
import { sessionRoom, signInRoom, tokenRoom, userRoom } from "./rooms.ts";
import type { Client, SocketServer } from "./types.ts";

/** Says why, then closes. */
export function closeClient(client: Client, reason: CloseReason): void {
  client.emit("event", "session.connection-closing", null, { reason });
  client.disconnect(true);
  // An orderly end waits until everything is read, which is what such a client does not do.
  if (reason === "too-slow") client.request.socket.destroy();
}

/** The Broadcaster of this process. */
export function socketBroadcaster(io: SocketServer): Broadcaster {
  return {
    toSession(type, sessionId, payload) {
      io.to(sessionRoom(sessionId)).emit("event", type, sessionId, payload);
    },
    toUsers(type, userIds, sessionId, payload) {
      if (userIds.length > 0) io.to(userIds.map(userRoom)).emit("event", type, sessionId, payload);
    },
    disconnect(who, reason) {
      let room: string;
      if ("signInId" in who) room = signInRoom(who.signInId);
      else if ("tokenId" in who) room = tokenRoom(who.tokenId);
      else room = userRoom(who.userId);
      io.to(room).emit("event", "session.connection-closing", null, { reason });
      io.in(room).disconnectSockets(true);
    },
  };
}
