import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 32 random bytes in base64url: sign-in ids, links, the random part of tokens. */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * How random secrets are stored. They hold 256 random bits, so one plain SHA-256 is enough: there is nothing to
 * guess (passwords, which people choose, go through argon2id).
 */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Compares in constant time, whatever the lengths. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/** A fresh place's name: 12 characters, 60 random bits. */
export function randomPlaceId(): string {
  return Array.from(randomBytes(12), (byte) => base32[byte & 31]).join("");
}

/** The secret that a place's agent proves itself with. */
export function placeSecret(key: Buffer, placeId: string): string {
  return createHmac("sha256", key).update(placeId).digest("base64url");
}
