import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** How a secret lies in a column: AES-256-GCM under the key that `keyId` names. */
export interface Sealed {
  /** Version, nonce, tag and ciphertext. */
  readonly bytes: Uint8Array;
  readonly keyId: string;
}

/**
 * Seals what only its own row may hold. `belongsTo` says to whom and to what a secret belongs; it is authenticated
 * with it, as the key's id is, so that bytes that are moved to another row do not open there.
 */
export interface Sealer {
  /** The key that seals from now on: the first of the ring. */
  readonly keyId: string;
  seal(text: string, belongsTo: readonly string[]): Sealed;
  /** Throws CannotOpen. */
  open(sealed: Sealed, belongsTo: readonly string[]): string;
}

/** A secret that does not open: of a key that is not in the ring, moved from another row, or altered. */
export class CannotOpen extends Error {
  override name = "CannotOpen";
}

export interface SealingKey {
  readonly id: string;
  readonly key: Buffer;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;
const keyPattern = /^([A-Za-z0-9._-]{1,32}):([A-Za-z0-9_-]{43})$/;

/** To whom and to what the secret of a row of `git_credentials` belongs: sealer and opener must agree. */
export const gitSecretOf = (userId: string, host: string): readonly string[] => [
  "git_credentials.secret",
  userId,
  host,
];

/** `id:key`, one or more, by spaces, commas or lines; a key is 32 bytes in base64url. Throws without naming a key. */
export function parseSealingKeys(text: string): readonly SealingKey[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const keys = entries.map((entry, index) => {
    const [, id, key] = keyPattern.exec(entry) ?? [];
    if (id === undefined || key === undefined) {
      throw new Error(`entry ${index + 1} is not id:key, where the key is 32 bytes in base64url`);
    }
    return { id, key: Buffer.from(key, "base64url") };
  });
  if (keys.length === 0) throw new Error("there is no key in it");
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error("two keys have the same id");
  return keys;
}

/** A sealer of these keys: the first seals, each opens what it sealed. */
export function createSealer(keys: readonly SealingKey[]): Sealer {
  const [newest] = keys;
  if (newest === undefined) throw new Error("a sealer needs a key");
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    keyId: newest.id,
    seal(text, belongsTo) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", newest.key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(bound(belongsTo, newest.id));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return {
        bytes: Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]),
        keyId: newest.id,
      };
    },
    open({ bytes, keyId }, belongsTo) {
      const key = byId.get(keyId);
      if (key === undefined) throw new CannotOpen(`there is no key ${keyId} to open it with`);
      const whole = Buffer.from(bytes);
      if (whole[0] !== version || whole.length < headBytes)
        throw new CannotOpen("it is not sealed as it must be");
      const decipher = createDecipheriv("aes-256-gcm", key, whole.subarray(1, 1 + nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(bound(belongsTo, keyId));
      decipher.setAuthTag(whole.subarray(1 + nonceBytes, headBytes));
      try {
        return Buffer.concat([decipher.update(whole.subarray(headBytes)), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new CannotOpen("it was altered, or belongs elsewhere", { cause: error });
      }
    },
  };
}

/** As JSON, so that no two lists of words run together into the same bytes. */
const bound = (belongsTo: readonly string[], keyId: string) =>
  Buffer.from(JSON.stringify([...belongsTo, keyId]));
