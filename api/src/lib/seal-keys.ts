import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** What seals are signed with. */
export interface SealKey {
  /** SHA-256 of the public key (SPKI, DER), in hex: what an auditor writes down. */
  readonly id: string;
  /** SPKI, DER. */
  readonly publicKey: Buffer;
  sign(message: string): Buffer;
}

/**
 * Reads a ring of Ed25519 private keys (PKCS8 DER in base64), apart by spaces, commas or lines: the first signs, the
 * others are former ones, of which the last used vouches for the first. Throws without saying what it read.
 */
export function parseSealKeys(text: string): readonly [SealKey, ...SealKey[]] {
  const [first, ...others] = text
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .map((entry, index) => toKey(entry, index + 1));
  if (first === undefined) throw new Error("there is no key in it");
  return [first, ...others];
}

function toKey(base64: string, place: number): SealKey {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: Buffer.from(base64, "base64"), format: "der", type: "pkcs8" });
  } catch {
    throw new Error(`entry ${place} is no private key (PKCS8 DER in base64)`);
  }
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`entry ${place} is no Ed25519 key`);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  return { id: keyIdOf(publicKey), publicKey, sign: (message) => sign(null, Buffer.from(message), key) };
}

export function keyIdOf(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex");
}

/** Whether the key, as SPKI DER, made the signature; false too for what is no key. */
export function isSignedBy(publicKey: Uint8Array, message: string, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
    return verify(null, Buffer.from(message), key, signature);
  } catch {
    return false;
  }
}

/** What a key signs to vouch for the one that follows it. */
export function endorsementOf(keyId: string): string {
  return `remote-claude audit key ${keyId}`;
}
