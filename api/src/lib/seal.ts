import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const ivBytes = 12;
const tagBytes = 16;

const keyFor = (master: Buffer, purpose: string) =>
  Buffer.from(hkdfSync("sha256", master, "", `remote-claude ${purpose}`, 32));

/** Seals a text for the database: AES-256-GCM under a key of its own for each purpose. */
export function seal(master: Buffer, purpose: string, text: string): Uint8Array<ArrayBuffer> {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", keyFor(master, purpose), iv);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return new Uint8Array(Buffer.concat([iv, cipher.getAuthTag(), sealed]));
}

/** The text again; null when it was sealed under another key, or is not whole. */
export function unseal(master: Buffer, purpose: string, bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes);
  if (buffer.length < ivBytes + tagBytes) return null;
  const decipher = createDecipheriv("aes-256-gcm", keyFor(master, purpose), buffer.subarray(0, ivBytes));
  decipher.setAuthTag(buffer.subarray(ivBytes, ivBytes + tagBytes));
  try {
    const rest = buffer.subarray(ivBytes + tagBytes);
    return Buffer.concat([decipher.update(rest), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}
