import tls from "node:tls";
import type { Target, Upstream } from "./upstream.ts";

/** Whether TLS is spoken there. Rejects when nobody answers. */
export type SpeaksTls = (upstream: Upstream, target: Target) => Promise<boolean>;

const rememberMs = 300_000;
const probeTimeoutMs = 10_000;

/**
 * Tells whether a server answers TLS. Asked only of a host and port that an administrator listed, where the listing
 * does not say. It looks at the handshake alone and sends nothing; the real request checks the certificate.
 */
export function createSchemeProbe(): SpeaksTls {
  const known = new Map<string, { secure: boolean; until: number }>();
  return async (upstream, target) => {
    const name = `${target.host}:${target.port}`;
    const remembered = known.get(name);
    if (remembered !== undefined && remembered.until > Date.now()) return remembered.secure;
    const socket = await upstream.connect(target);
    const secure = await new Promise<boolean>((resolve) => {
      // Only the kind of answer matters here; nothing is trusted and nothing is sent on this connection.
      const handshake = tls.connect({ socket, rejectUnauthorized: false });
      const end = (answer: boolean) => {
        clearTimeout(timer);
        handshake.destroy();
        socket.destroy();
        resolve(answer);
      };
      const timer = setTimeout(() => end(false), probeTimeoutMs);
      handshake.once("secureConnect", () => end(true));
      handshake.on("error", (error: NodeJS.ErrnoException) => end(isAlert(error)));
      handshake.once("close", () => end(false));
    });
    known.set(name, { secure, until: Date.now() + rememberMs });
    return secure;
  };
}

/** A TLS alert is an answer in TLS; anything else is not. */
function isAlert({ code }: NodeJS.ErrnoException): boolean {
  return code?.includes("_ALERT_") ?? false;
}
