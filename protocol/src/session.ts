import * as z from "zod";
import { Actor, Id, Time } from "./ids.ts";
import { SessionAbility, SessionRole } from "./roles.ts";
import { SessionState, StopReason } from "./session-states.ts";

/** How well a session is walled off; the page shows anything but `"container"` and `"bubblewrap"` as a warning. */
export const Isolation = z.enum(["container", "bubblewrap", "none"]);
export type Isolation = z.infer<typeof Isolation>;

/** What a limit is about to do to a session, said some minutes before. */
export const NextStop = z.object({
  at: Time,
  reason: z.enum(["idle", "max-duration"]),
  action: z.enum(["stop", "pause"]),
});
export type NextStop = z.infer<typeof NextStop>;

export const Session = z.object({
  id: Id,
  name: z.string(),
  state: SessionState,
  /** A sentence for `failed` and for stops that nobody asked for. */
  stateMessage: z.string().nullable(),
  stopReason: StopReason.nullable(),
  template: z.string(),
  repositoryUrl: z.string().nullable(),
  branch: z.string().nullable(),
  isolation: Isolation.nullable(),
  owner: Actor,
  role: SessionRole,
  /** What the person who asked may do with it. */
  abilities: z.array(SessionAbility),
  createdAt: Time,
  lastActiveAt: Time,
  /** null: nothing is about to happen to it. */
  nextStop: NextStop.nullable(),
  /** Bytes of workspace and home, when last measured. */
  sizeBytes: z.int().nonnegative().nullable(),
  costUsd: z.number().nonnegative(),
  /** Claude asks for a permission in one of its conversations. */
  waiting: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const SessionName = z.string().trim().min(1, "a name is needed").max(100, "at most 100 characters");
