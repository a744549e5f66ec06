/** Names of socket.io rooms: who hears what. */
export const sessionRoom = (sessionId: string) => `session:${sessionId}`;
/** The session whose room it is; null for another kind of room. */
export const sessionOfRoom = (room: string) => (room.startsWith("session:") ? room.slice(8) : null);
/** Holds the session's id too: an agent that names another session's conversation reaches nobody there. */
export const conversationRoom = (sessionId: string, conversationId: string) =>
  `conversation:${sessionId}:${conversationId}`;
export const userRoom = (userId: string) => `user:${userId}`;
/** Hears nothing; it counts those who come from one place. */
export const addressRoom = (address: string) => `address:${address}`;
export const signInRoom = (id: string) => `sign-in:${id}`;
export const tokenRoom = (id: string) => `token:${id}`;
