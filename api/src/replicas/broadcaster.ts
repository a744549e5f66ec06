import type { CloseReason, EventFrom, Payload, SessionRole } from "@remote-claude/protocol";

/** Says things to browsers. Never throws; a browser that is not there hears nothing. */
export interface Broadcaster {
  /** To everyone who watches the session. */
  toSession<Type extends EventFrom<"api">>(type: Type, sessionId: string, payload: Payload<Type>): void;
  /** To every connection of these people (the sessions page lists what it does not watch). */
  toUsers<Type extends EventFrom<"api">>(
    type: Type,
    userIds: readonly string[],
    /** Null: it is about no session. */
    sessionId: string | null,
    payload: Payload<Type>,
  ): void;
  /**
   * Somebody's part in a session changed: it counts for their open connections at once. `role` null: they are out,
   * and what they were hearing of it ends.
   */
  accessChanged(userId: string, sessionId: string, role: SessionRole | null): void;
  /** Closes live connections whose sign-in, token or user no longer counts. */
  disconnect(who: { signInId: string } | { tokenId: string } | { userId: string }, reason: CloseReason): void;
}
