import type { CloseReason, EventFrom, Payload } from "@remote-claude/protocol";

/** Says things to browsers. Never throws; a browser that is not there hears nothing. */
export interface Broadcaster {
  /** To everyone who watches the session. */
  toSession<Type extends EventFrom<"api">>(type: Type, sessionId: string, payload: Payload<Type>): void;
  /** To every connection of these people (the sessions page lists what it does not watch). */
  toUsers<Type extends EventFrom<"api">>(
    type: Type,
    userIds: readonly string[],
    sessionId: string,
    payload: Payload<Type>,
  ): void;
  /** Closes live connections whose sign-in, token or user no longer counts. */
  disconnect(who: { signInId: string } | { tokenId: string } | { userId: string }, reason: CloseReason): void;
}
