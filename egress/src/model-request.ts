import type { IncomingMessage } from "node:http";
import type { ModelKey } from "./config.ts";
import { framing } from "./forward.ts";
import { endToEnd, headerPairs } from "./headers.ts";

const oauthBeta = "oauth-2025-04-20";

/** What the session says of who it is; none of it goes upstream. */
const withheld: ReadonlySet<string> = new Set([
  "host",
  "x-api-key",
  "authorization",
  "cookie",
  "forwarded",
  // The answer is metered on its way, and loopback needs no compression.
  "accept-encoding",
  "anthropic-beta",
  // What some servers take for the method, the path or the client, in place of those that were checked here.
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-method",
  "x-original-url",
  "x-rewrite-url",
  "x-real-ip",
  "true-client-ip",
]);

/** The headers under which a request goes to the model endpoint. */
export function modelHeaders(request: IncomingMessage, host: string, key: ModelKey): string[] {
  const kept = endToEnd(
    request.rawHeaders,
    (name) => withheld.has(name) || name.startsWith("x-forwarded-") || name.startsWith("x-remote-claude-"),
  );
  const betas = betasOf(request, key);
  return [
    "host",
    host,
    ...kept,
    ...framing(request),
    "accept-encoding",
    "identity",
    ...(betas === "" ? [] : ["anthropic-beta", betas]),
    ...(key.kind === "api-key" ? ["x-api-key", key.value] : ["authorization", `Bearer ${key.value}`]),
  ];
}

function betasOf(request: IncomingMessage, key: ModelKey): string {
  const betas = [...headerPairs(request.rawHeaders)]
    .filter(([, , name]) => name === "anthropic-beta")
    .flatMap(([, value]) => value.split(","))
    .map((beta) => beta.trim())
    .filter((beta) => beta !== "");
  if (key.kind === "oauth-token") betas.push(oauthBeta);
  return [...new Set(betas)].join(",");
}

/** Larger than any request that the endpoint takes (32 MB). */
export const maxBufferedRequest = 40 * 1024 * 1024;

/** Bodies that are held at once for one place: a few of the largest, or what its session sends would fill our memory. */
export const maxHeldOfPlace = 3 * maxBufferedRequest;

/** Counts what is held for each place. `take` says whether there is room for so much more. */
export function createHolds(
  maxBytes: number,
): (place: string) => { take(bytes: number): boolean } & Disposable {
  const held = new Map<string, number>();
  return (place) => {
    let own = 0;
    const set = (bytes: number) => (bytes > 0 ? held.set(place, bytes) : held.delete(place));
    return {
      take(bytes) {
        const all = (held.get(place) ?? 0) + bytes;
        if (all > maxBytes) return false;
        own += bytes;
        set(all);
        return true;
      },
      [Symbol.dispose]() {
        set((held.get(place) ?? 0) - own);
      },
    };
  };
}

/** The whole body, or why it is not read. Rejects when the client goes away. */
export async function readWhole(
  request: IncomingMessage,
  take: (bytes: number) => boolean,
): Promise<Buffer | "too-large" | "too-many"> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBufferedRequest) return "too-large";
    if (!take(chunk.length)) return "too-many";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The model that a body asks for, by its full meaning: the last of equal keys counts, as at the endpoint. */
export function modelOf(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    const model = (parsed as { model?: unknown } | null)?.model;
    return typeof model === "string" && model.length <= 200 ? model : null;
  } catch {
    return null;
  }
}

/** A guess from the first bytes of a body, for records only. */
export function peekModel(chunk: Buffer): string | null {
  const head = chunk.subarray(0, 4096).toString("latin1");
  return /"model"\s*:\s*"([A-Za-z0-9._:@/[\]-]{1,200})"/.exec(head)?.[1] ?? null;
}
