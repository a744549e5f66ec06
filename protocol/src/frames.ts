import * as z from "zod";
import { ErrorBody } from "./errors.ts";
import { Actor, Id, PlaceId } from "./ids.ts";
import { AgentInfo } from "./messages/session.ts";

/**
 * What api and agent say to each other on agent.sock, a WebSocket at path `/agent`. A frame is JSON in a text
 * message; a frame whose payload has a `data` field of bytes is a binary message: a 32-bit big-endian length, that
 * many bytes of JSON (without `data`), then the bytes.
 *
 * Handshake: agent → Hello; api → Authenticate; agent → Welcome. Until then nothing else is read, for 5 seconds.
 */
export const protocolVersion = 1;

/** Frames larger than this are refused on both ends; files go over transfers. */
export const maxFrameBytes = 4 * 1024 * 1024;

const Nonce = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");

export const HelloFrame = z.object({
  hello: z.object({ protocolVersion: z.int().positive(), nonce: Nonce }),
});
export type HelloFrame = z.infer<typeof HelloFrame>;

export const AuthenticateFrame = z.object({
  authenticate: z.object({
    nonce: Nonce,
    /** Ed25519 over `apiProof(…)`, base64url. */
    signature: z.string().max(100),
  }),
});
export type AuthenticateFrame = z.infer<typeof AuthenticateFrame>;

export const WelcomeFrame = z.object({
  welcome: z.object({
    /** HMAC-SHA256 under the place's secret (its 32 bytes, not their base64url) over `agentProof(…)`, base64url. */
    mac: z.string().max(100),
    agent: AgentInfo,
  }),
});
export type WelcomeFrame = z.infer<typeof WelcomeFrame>;

/** What the api signs: bound to this place and to both nonces, so that it fits nowhere else. */
export function apiProof(placeId: PlaceId, agentNonce: string, apiNonce: string): string {
  return `remote-claude api ${placeId} ${agentNonce} ${apiNonce}`;
}

/** What the agent authenticates. */
export function agentProof(placeId: PlaceId, agentNonce: string, apiNonce: string): string {
  return `remote-claude agent ${placeId} ${agentNonce} ${apiNonce}`;
}

export const CommandFrame = z.object({
  id: z.int().nonnegative(),
  type: z.string().max(100),
  payload: z.unknown(),
  /** Which client of the api this is for: readers are kept and output is addressed by it. */
  client: z.string().max(64),
  /** On whose behalf; the api vouches for it. null: the system's own. */
  actor: Actor.nullable(),
  /** An act by whose number the api may ask later how it ended. */
  act: Id.optional(),
});
export type CommandFrame = z.infer<typeof CommandFrame>;

export const ReplyFrame = z.union([
  z.object({ re: z.int().nonnegative(), ok: z.literal(true), payload: z.unknown() }),
  z.object({ re: z.int().nonnegative(), ok: z.literal(false), error: ErrorBody }),
]);
export type ReplyFrame = z.infer<typeof ReplyFrame>;

export const EventFrame = z.object({
  event: z.string().max(100),
  payload: z.unknown(),
  /** Of a `reach: "client"` event. */
  client: z.string().max(64).optional(),
});
export type EventFrame = z.infer<typeof EventFrame>;

/** The api says that a client is gone: its readers are dropped. */
export const ClientGoneFrame = z.object({ gone: z.string().max(64) });
export type ClientGoneFrame = z.infer<typeof ClientGoneFrame>;

export const FrameToAgent = z.union([CommandFrame, ClientGoneFrame]);
export type FrameToAgent = z.infer<typeof FrameToAgent>;
export const FrameFromAgent = z.union([ReplyFrame, EventFrame]);
export type FrameFromAgent = z.infer<typeof FrameFromAgent>;
export type Frame =
  | HelloFrame
  | AuthenticateFrame
  | WelcomeFrame
  | CommandFrame
  | ReplyFrame
  | EventFrame
  | ClientGoneFrame;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true });

/** Encodes a frame for WebSocket `send`. */
export function encodeFrame(frame: Frame): string | Uint8Array {
  const payload = "payload" in frame ? (frame.payload as { data?: unknown } | null | undefined) : undefined;
  if (!(payload?.data instanceof Uint8Array)) return JSON.stringify(frame);
  const { data, ...rest } = payload as { data: Uint8Array };
  const header = textEncoder.encode(JSON.stringify({ ...frame, payload: rest }));
  const bytes = new Uint8Array(4 + header.length + data.length);
  new DataView(bytes.buffer).setUint32(0, header.length);
  bytes.set(header, 4);
  bytes.set(data, 4 + header.length);
  return bytes;
}

/**
 * The JSON value (and bytes) of a message, not yet checked against a schema. Throws SyntaxError or RangeError on
 * anything that is no frame.
 */
export function decodeFrame(message: string | Uint8Array): unknown {
  if (typeof message === "string") return JSON.parse(message);
  if (message.length < 4) throw new RangeError("a binary frame shorter than its length field");
  const headerLength = new DataView(message.buffer, message.byteOffset, message.byteLength).getUint32(0);
  if (4 + headerLength > message.length) throw new RangeError("a binary frame shorter than it says");
  const frame: unknown = JSON.parse(textDecoder.decode(message.subarray(4, 4 + headerLength)));
  // By hand: terminal output comes this way, thousands of times a second.
  const payload = isObject(frame) ? frame.payload : null;
  if (!isObject(payload)) throw new RangeError("a binary frame without a payload");
  payload.data = message.subarray(4 + headerLength);
  return frame;
}

/** The file `in/agent.json` that session-manager writes and the agent reads when it starts. */
export const AgentConfig = z.object({
  placeId: PlaceId,
  /** Ed25519 public key of the api, SPKI in base64. */
  apiPublicKey: z.string(),
  /** 32 bytes, base64url. */
  placeSecret: Nonce,
  permissionModes: z.array(z.string()),
  /** A place started ahead of need, in which Claude Code shall be up before anybody asks for it. */
  warmClaude: z.boolean().optional(),
});
export type AgentConfig = z.infer<typeof AgentConfig>;
