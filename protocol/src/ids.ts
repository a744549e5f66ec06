import * as z from "zod";

/** Every record of the database is named by a UUID (version 7: they sort by time). */
export const Id = z.uuid();
export type Id = z.infer<typeof Id>;

/**
 * A place: the short random name of one session environment (its two sockets, its workspace and home, its
 * labels). Short because a unix socket's path holds 107 bytes. 12 characters of base32: 60 random bits.
 */
export const PlaceId = z.string().regex(/^[a-z2-7]{12}$/, "a place is 12 characters of a-z and 2-7");
export type PlaceId = z.infer<typeof PlaceId>;

/** A moment, as ISO 8601 in UTC. */
export const Time = z.iso.datetime();
export type Time = z.infer<typeof Time>;

/** Raw bytes: a Uint8Array (Node's Buffer is one) on both ends; frames.ts and socket.io carry it as binary. */
export const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "bytes expected");

/** Whom an act is recorded for. `name` is shown to people; `id` is what counts. */
export const Actor = z.object({ id: Id, name: z.string().max(200) });
export type Actor = z.infer<typeof Actor>;

/**
 * A path inside the workspace: relative, with forward slashes, "" for the workspace itself. This schema only
 * refuses what can never be right; the agent resolves symlinks and decides what lies inside.
 */
export const WorkspacePath = z
  .string()
  .max(4095, "the path is longer than 4095 characters")
  .refine((path) => !path.includes("\0"), "the path holds a NUL character")
  .refine((path) => !path.startsWith("/"), "the path must be relative to the workspace")
  .refine((path) => !path.split("/").includes(".."), "the path leads out of the workspace")
  .refine((path) => path.isWellFormed(), "the path is not valid Unicode");
export type WorkspacePath = z.infer<typeof WorkspacePath>;
