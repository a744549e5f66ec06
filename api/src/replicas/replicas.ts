import { CloseReason, PresentPerson, SessionRole } from "@remote-claude/protocol";
import { z } from "zod";
import type { RateLimiter } from "../lib/rate-limit.ts";
import type { Broadcaster } from "./broadcaster.ts";

/** The other apis of this installation. Nothing here is kept: what must last is in Postgres. */
export interface Replicas {
  /** A Broadcaster that says everything here and to the browsers of the others. */
  share(local: Broadcaster): Broadcaster;
  /** Calls back when another api announced a change of a session. Returns the unsubscribe. */
  onSessionChange(listener: (sessionId: string) => void): () => void;
  /** Tells the others that this api is at work on the session, until the returned function is called. */
  markBusy(sessionId: string): () => void;
  /** Whether another api is at work on it; true too when nobody can say. */
  isBusyElsewhere(sessionId: string): Promise<boolean>;
  /** Tells the others who looks into a session through this api; nobody: it is forgotten. */
  sharePresence(sessionId: string, people: readonly PresentPerson[]): void;
  /** Who looks into it through the others. */
  presentElsewhere(sessionId: string): Promise<PresentPerson[]>;
  /** Calls back when that may have changed. Returns the unsubscribe. */
  onPresenceChange(listener: (sessionId: string) => void): () => void;
  /** Counts attempts for all apis together; `own` counts for this one. */
  shareLimits(own: RateLimiter): RateLimiter;
  close(): Promise<void>;
}

/** Without Redis there is one api, and all of it is in this process. */
export const onlyReplica: Replicas = {
  share: (local) => local,
  onSessionChange: () => () => {},
  markBusy: () => () => {},
  isBusyElsewhere: async () => false,
  shareLimits: (own) => own,
  sharePresence: () => {},
  presentElsewhere: async () => [],
  onPresenceChange: () => () => {},
  close: async () => {},
};

/** Who looks into a session through one api, as the others read it; too old, and that api is gone. */
export const Presence = z.object({ at: z.number(), people: z.array(PresentPerson) });

/** A call of the Broadcaster, on its way to the other apis. */
export const Broadcast = z.discriminatedUnion("call", [
  z.object({
    call: z.literal("toSession"),
    type: z.string(),
    sessionId: z.string(),
    payload: z.unknown(),
  }),
  z.object({
    call: z.literal("toUsers"),
    type: z.string(),
    userIds: z.array(z.string()),
    sessionId: z.string().nullable(),
    payload: z.unknown(),
  }),
  z.object({
    call: z.literal("accessChanged"),
    userId: z.string(),
    sessionId: z.string(),
    role: SessionRole.nullable(),
  }),
  z.object({
    call: z.literal("disconnect"),
    who: z.union([
      z.object({ signInId: z.string() }),
      z.object({ tokenId: z.string() }),
      z.object({ userId: z.string() }),
    ]),
    reason: CloseReason,
  }),
]);
export type Broadcast = z.infer<typeof Broadcast>;

/** What another api wrote; null when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Says here what another api said there. It came from a definition of ours, in a process of the same release. */
export function repeat(local: Broadcaster, message: Broadcast): void {
  if (message.call === "disconnect") {
    local.disconnect(message.who, message.reason);
    return;
  }
  if (message.call === "accessChanged") {
    local.accessChanged(message.userId, message.sessionId, message.role);
    return;
  }
  const type = message.type as "session.changed";
  const payload = message.payload as never;
  if (message.call === "toSession") local.toSession(type, message.sessionId, payload);
  else local.toUsers(type, message.userIds, message.sessionId, payload);
}
