import { createHmac } from "node:crypto";

/**
 * Headers that prove to a receiver who sent a body, and when: an HMAC-SHA256 over the time (seconds since 1970), a
 * full stop and the body. One that refuses old times cannot be sent the same again.
 */
export function signatureHeaders(secret: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { "x-remote-claude-timestamp": timestamp, "x-remote-claude-signature": `sha256=${signature}` };
}
