import type { RouteDefinition } from "@remote-claude/protocol";

/** `/files/{path}` → `/files/*path`: the last `{path}` takes the rest, slashes included; others one segment. */
export function toExpressPath(path: string): string {
  return path.replace(/\{path\}$/, "*path").replace(/\{(\w+)\}/g, ":$1");
}

/**
 * Express hands a wildcard over as its decoded segments. `%2F` in a segment is a slash of the path: no file name
 * can hold one, so both spellings name the same file.
 */
export function joinParams(params: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value.join("/") : value]),
  );
}

/** Which methods a path answers to: for 405 and its Allow header. */
export function methodsByPath(definitions: Iterable<RouteDefinition>): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { method, path } of definitions) {
    const known = methods.get(path) ?? [];
    known.push(...(method === "GET" ? ["GET", "HEAD"] : [method]));
    methods.set(path, known);
  }
  return methods;
}

/** A route's path without its parameters, two words of it at most: what its requests are counted under. */
export function groupOf(path: string): string {
  const words = path.split("/").filter((part) => part !== "" && !part.startsWith("{"));
  return words.slice(1, 3).join("/");
}
