/** Headers that belong to one connection and are never handed on (RFC 9110, 7.6.1), and those of a proxy's own. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "proxy-status",
  "http2-settings",
]);

/** A raw header list, as name and value pairs. */
export function* headerPairs(
  raw: readonly string[],
): Generator<[name: string, value: string, lowerName: string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    yield [name, raw[index + 1] ?? "", name.toLowerCase()];
  }
}

/** What may be handed on of a raw header list: without what is hop by hop, and without what `drop` names. */
export function endToEnd(
  raw: readonly string[],
  drop: (lowerName: string) => boolean = () => false,
): string[] {
  const named = new Set<string>();
  for (const [, value, lower] of headerPairs(raw)) {
    if (lower === "connection") for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  // Framing and target are ours to say; a Connection header must not strip them from us.
  named.delete("content-length");
  const kept: string[] = [];
  for (const [name, value, lower] of headerPairs(raw)) {
    if (hopByHop.has(lower) || lower.startsWith("proxy-") || named.has(lower) || drop(lower)) continue;
    kept.push(name, value);
  }
  return kept;
}
