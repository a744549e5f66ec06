import { createHmac, type KeyObject, randomBytes, sign, timingSafeEqual } from "node:crypto";
import {
  type AgentInfo,
  AppError,
  agentProof,
  apiProof,
  decodeFrame,
  encodeFrame,
  HelloFrame,
  protocolVersion,
  WelcomeFrame,
} from "@remote-claude/protocol";
import type { WebSocket } from "ws";
import { placeSecret } from "../lib/secrets.ts";
import type { Inbox } from "./inbox.ts";

const handshakeTimeoutMs = 5000;

/**
 * The api's side of the handshake on agent.sock (frames.ts in protocol): proves itself by Ed25519 over both nonces
 * and the place, and accepts only an agent that knows this place's secret: a neighbour's socket does not.
 */
export async function shakeHands(
  socket: WebSocket,
  inbox: Inbox,
  placeId: string,
  keys: { signingKey: KeyObject; placeSecretKey: Buffer },
): Promise<AgentInfo> {
  const { hello } = HelloFrame.parse(decodeFrame((await inbox.next(handshakeTimeoutMs)).toString()));
  if (hello.protocolVersion !== protocolVersion) {
    throw new AppError(
      "agent_unreachable",
      "The session runs another version of the agent: stop and resume it.",
    );
  }
  const nonce = randomBytes(32).toString("base64url");
  const signature = sign(null, Buffer.from(apiProof(placeId, hello.nonce, nonce)), keys.signingKey);
  socket.send(encodeFrame({ authenticate: { nonce, signature: signature.toString("base64url") } }));
  const { welcome } = WelcomeFrame.parse(decodeFrame((await inbox.next(handshakeTimeoutMs)).toString()));
  const expected = createHmac("sha256", Buffer.from(placeSecret(keys.placeSecretKey, placeId), "base64url"))
    .update(agentProof(placeId, hello.nonce, nonce))
    .digest();
  const mac = Buffer.from(welcome.mac, "base64url");
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
    throw new AppError("agent_unreachable", "What answers in the session is not its agent.");
  }
  return welcome.agent;
}
