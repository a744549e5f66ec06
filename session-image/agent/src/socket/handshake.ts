import { createHmac, createPublicKey, type KeyObject, randomBytes, verify } from "node:crypto";
import {
  type AgentConfig,
  type AgentInfo,
  AuthenticateFrame,
  agentProof,
  apiProof,
  encodeFrame,
  protocolVersion,
} from "@remote-claude/protocol";
import type { WebSocket } from "ws";

/** Proves each end to the other; one for each place. */
export class Handshake {
  readonly #place: AgentConfig;
  readonly #apiKey: KeyObject;
  readonly #secret: Buffer;

  constructor(place: AgentConfig) {
    this.#place = place;
    this.#apiKey = createPublicKey({
      key: Buffer.from(place.apiPublicKey, "base64"),
      format: "der",
      type: "spki",
    });
    if (this.#apiKey.asymmetricKeyType !== "ed25519") throw new Error("apiPublicKey is not an Ed25519 key");
    this.#secret = Buffer.from(place.placeSecret, "base64url");
  }

  /**
   * Speaks first, and calls `accept` once the other end has proved to be the api. The nonce is this
   * connection's alone, so a proof that was overheard is worth nothing on another.
   */
  begin(socket: WebSocket, info: AgentInfo, accept: () => void, refuse: (why: string) => void): void {
    const nonce = randomBytes(32).toString("base64url");
    socket.send(encodeFrame({ hello: { protocolVersion, nonce } }));
    socket.once("message", (data, isBinary) => {
      const frame = isBinary ? null : parseFrame(data);
      if (frame === null) return refuse("no authentication");
      const { nonce: apiNonce, signature } = frame.authenticate;
      if (!this.#isApi(nonce, apiNonce, signature)) return refuse("wrong signature");
      const proof = agentProof(this.#place.placeId, nonce, apiNonce);
      const mac = createHmac("sha256", this.#secret).update(proof).digest("base64url");
      socket.send(encodeFrame({ welcome: { mac, agent: info } }));
      accept();
    });
  }

  #isApi(nonce: string, apiNonce: string, signature: string): boolean {
    const proof = Buffer.from(apiProof(this.#place.placeId, nonce, apiNonce));
    return verify(null, proof, this.#apiKey, Buffer.from(signature, "base64url"));
  }
}

function parseFrame(data: unknown): AuthenticateFrame | null {
  try {
    const result = AuthenticateFrame.safeParse(JSON.parse(String(data)));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
