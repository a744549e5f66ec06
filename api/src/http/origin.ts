import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "@remote-claude/protocol";

/**
 * Whether a request that a cookie speaks for was meant by our own pages. Browsers send Origin with every
 * state-changing request and every WebSocket handshake; where it is missing, Sec-Fetch-Site decides; where both
 * are missing it is no browser, so no cookie was lent to a stranger's page.
 */
export function fromOurOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  if (headers.origin !== undefined) return headers.origin === publicUrl;
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin";
}

/** Refuses what another site's page made this browser send. */
export function assertOurOrigin(headers: IncomingHttpHeaders, publicUrl: string): void {
  if (fromOurOrigin(headers, publicUrl)) return;
  throw new AppError(
    "forbidden",
    `This request came from a page of another address. Open Remote Claude at ${publicUrl}.`,
  );
}
