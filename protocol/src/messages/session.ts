import * as z from "zod";
import { CloseReason } from "../errors.ts";
import { Actor, Id } from "../ids.ts";
import { SessionRole } from "../roles.ts";
import { Session } from "../session.ts";
import { command, event } from "./message.ts";

/** What the page must know of the agent that serves it; null while none is connected. */
export const AgentInfo = z.object({
  /** Changes when the agent restarts: terminals are gone then. */
  bootId: Id,
  agentVersion: z.string(),
  claudeVersion: z.string().nullable(),
  gitAvailable: z.boolean(),
  permissionModes: z.array(z.string()),
});
export type AgentInfo = z.infer<typeof AgentInfo>;

/** Somebody who has a session open. */
export const PresentPerson = Actor.extend({ role: SessionRole });
export type PresentPerson = z.infer<typeof PresentPerson>;

/** Starts every `reach: "session"` event of the session for this client, and says where things stand. */
export const sessionWatch = command("session.watch", {
  to: "api",
  needs: "session.view",
  scope: "sessions:read",
  payload: z.object({}),
  reply: z.object({ session: Session, agent: AgentInfo.nullable() }),
});

export const sessionUnwatch = command("session.unwatch", {
  to: "api",
  needs: "session.view",
  scope: "sessions:read",
  payload: z.object({}),
  reply: z.object({}),
});

/** A row changed. Sent to those who watch it, and to every client of its owner (for the sessions page). */
export const sessionChanged = event("session.changed", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ session: Session }),
});

export const sessionDeleted = event("session.deleted", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ sessionId: Id }),
});

/** Somebody's part in a session ended: for their own pages alone. */
export const sessionAccessEnded = event("session.access-ended", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ sessionId: Id }),
});

/** An admin looks into somebody's session: to all pages of its owner. */
export const sessionLookedInside = event("session.looked-inside", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ name: z.string(), by: Actor, reason: z.string() }),
});

/** Who looks into the session now, each person once. To those who watch it, when that changes. */
export const sessionPresence = event("session.presence", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ people: z.array(PresentPerson) }),
});

/** The api reached the agent, or lost it (`agent: null`); readers attach and subscribe again when it is back. */
export const sessionAgentChanged = event("session.agent-changed", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ agent: AgentInfo.nullable() }),
});

/** The server is about to close this connection, and why. */
export const sessionConnectionClosing = event("session.connection-closing", {
  from: "api",
  keep: "none",
  reach: "client",
  payload: z.object({ reason: CloseReason }),
});
