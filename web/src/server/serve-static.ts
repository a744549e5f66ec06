import { type Dirent, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";

/** What the build makes, by extension. */
const contentTypes: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
};

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch {
    // Nothing is built: everything is Next's.
    return [];
  }
}

/** Every file that has a compressed copy, by its address. */
function findCompressed(prefix: string, directory: string) {
  const files: [string, { path: string; contentType: string }][] = [];
  for (const entry of entriesOf(directory)) {
    const path = join(entry.parentPath, entry.name);
    const contentType = contentTypes[extname(path.slice(0, -".br".length))];
    if (!entry.isFile() || !path.endsWith(".br") || contentType === undefined) continue;
    const name = relative(directory, path).slice(0, -".br".length);
    const url = `${prefix}/${name.split(sep).map(encodeURIComponent).join("/")}`;
    files.push([url, { path, contentType }]);
  }
  return files;
}

/** At once: the system has these files in memory, and a cold page asks for some thirty of them in a moment. */
function read(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    // Built anew while the server runs.
    return null;
  }
}

/**
 * Answers the addresses under each prefix from the copies that `compress.mjs` made after the build: smaller than compressing at each
 * request, and no work per request. Returns whether it took the request; what it does not take is Next's. Only
 * names that were there at the start are served, so no path can lead elsewhere.
 */
export function serveStatic(directories: Record<string, string>) {
  const files = new Map(
    Object.entries(directories).flatMap(([prefix, directory]) => findCompressed(prefix, directory)),
  );
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const file = files.get(request.url?.split("?", 1)[0] ?? "");
    const accepted = String(request.headers["accept-encoding"] ?? "");
    if (file === undefined || !/\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)) return false;
    const body = read(file.path);
    if (body === null) return false;
    response.writeHead(200, {
      "content-type": file.contentType,
      "content-encoding": "br",
      "content-length": body.length,
      // Names hold a hash of the content.
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
    });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  };
}
