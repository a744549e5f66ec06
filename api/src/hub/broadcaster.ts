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

/** The Broadcaster of this process. `changed`: what somebody present in that session is, is another now. */
export function socketBroadcaster(io: SocketServer, changed: (sessionId: string) => void): Broadcaster {
  return {
    toSession(type, sessionId, payload) {
      io.to(sessionRoom(sessionId)).emit("event", type, sessionId, payload);
    },
    toUsers(type, userIds, sessionId, payload) {
      if (userIds.length > 0) io.to(userIds.map(userRoom)).emit("event", type, sessionId, payload);
    },
    accessChanged(userId, sessionId, role) {
      for (const id of io.sockets.adapter.rooms.get(userRoom(userId)) ?? []) {
        const client = io.sockets.sockets.get(id);
        if (client === undefined) continue;
        client.data.access.delete(sessionId);
        if (!client.data.roles.has(sessionId)) continue;
        // Out: nothing of the session may go on, so this connection begins anew without it.
        if (role === null) closeClient(client, "access-changed");
        else client.data.roles.set(sessionId, role);
      }
      if (role !== null) changed(sessionId);
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
