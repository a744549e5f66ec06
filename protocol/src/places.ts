import * as z from "zod";
import { PlaceId, Time } from "./ids.ts";
import { Isolation } from "./session.ts";

/**
 * session-manager's HTTP interface, internal, `Authorization: Bearer <MANAGER_SECRET>`:
 *   PUT    /places/:placeId            PlaceRequest → Place    make and start, or claim; idempotent
 *   POST   /places/:placeId/stop       → Place                 graceful, then forced; volumes stay
 *   POST   /places/:placeId/pause|resume → Place
 *   DELETE /places/:placeId            → 204                   stop, and remove its volumes and directories
 *   GET    /places                     → { places }            with stats
 *   GET    /places/:placeId            → Place
 *   GET    /events                     → server-sent events, `data:` a PlaceEvent; first one for every place there is
 *   GET    /capabilities               → ManagerCapabilities   what sessions are walled off by, for the page to say
 *   GET    /health                     → { status: "ok" }      without the secret
 * Errors: `{ error: ErrorBody }`.
 */
export const PlaceState = z.enum(["starting", "running", "paused", "stopped", "lost"]);
export type PlaceState = z.infer<typeof PlaceState>;

/** Within the template's bounds, or `bad_request`. Nothing else can be asked for: no mount, image or flag. */
export const PlaceLimits = z.object({
  memoryMb: z.int().positive().optional(),
  cpus: z.number().positive().optional(),
  diskMb: z.int().positive().optional(),
  pids: z.int().positive().optional(),
});
export type PlaceLimits = z.infer<typeof PlaceLimits>;

export const PlaceRequest = z.strictObject({
  template: z.string().max(63),
  limits: PlaceLimits.strict().optional(),
  /** For in/agent.json. */
  apiPublicKey: z.string().max(200),
  placeSecret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** Made ahead of need, for nobody yet. Asked for without it later, the place as it runs is somebody's: claimed. */
  warm: z.boolean().optional(),
  /** Of a warm one: Claude Code is to be up in it as well. */
  warmClaude: z.boolean().optional(),
});
export type PlaceRequest = z.infer<typeof PlaceRequest>;

export const PlaceStats = z.object({
  memoryBytes: z.int().nonnegative(),
  cpuSeconds: z.number().nonnegative(),
  processes: z.int().nonnegative(),
});
export type PlaceStats = z.infer<typeof PlaceStats>;

export const Place = z.object({
  placeId: PlaceId,
  template: z.string(),
  runtime: z.enum(["docker", "local", "fake"]),
  isolation: Isolation,
  state: PlaceState,
  /** Of "lost" and "stopped": what is known of the end. */
  exit: z
    .object({
      reason: z.enum(["asked", "exited", "out-of-memory", "disk-full", "unknown"]),
      code: z.int().nullable(),
    })
    .nullable(),
  startedAt: Time.nullable(),
  stats: PlaceStats.nullable(),
  /** Nobody has claimed it. */
  warm: z.boolean().optional(),
  /** Of a warm one, when it is asked for by itself: started now, it would be another (its image was made anew). */
  outdated: z.boolean().optional(),
});
export type Place = z.infer<typeof Place>;

export const PlaceEvent = z.object({ place: Place });
export type PlaceEvent = z.infer<typeof PlaceEvent>;

/** enforced: by the kernel. watched: the runtime looks every few seconds and steps in. none: it cannot be done here. */
export const LimitEnforcement = z.enum(["enforced", "watched", "none"]);
export type LimitEnforcement = z.infer<typeof LimitEnforcement>;

export const ManagerCapabilities = z.object({
  runtime: Place.shape.runtime,
  /** Of places that are started now. */
  isolation: Isolation,
  /** What people must know about it and what to do; null when there is nothing to say. */
  isolationMessage: z.string().nullable(),
  limits: z.object({
    memory: LimitEnforcement,
    cpus: LimitEnforcement,
    pids: LimitEnforcement,
    disk: LimitEnforcement,
  }),
});
export type ManagerCapabilities = z.infer<typeof ManagerCapabilities>;

/** Where things are, inside a session, in every runtime. */
export const insidePlace = {
  workspace: "/workspace",
  home: "/home/claude",
  in: "/run/remote-claude/in",
  out: "/run/remote-claude/out",
  egressPort: 3129,
} as const;
