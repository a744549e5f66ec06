import { type Dirent, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";

/** What the build makes and compresses, by extension. */
const compressed: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
};

/** What is compressed in itself. */
const asItIs: Record<string, string> = { ".woff2": "font/woff2" };

interface StaticFile {
  readonly path: string;
  readonly contentType: string;
  readonly encoding: "br" | null;
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch {
    // Nothing is built: everything is Next's.
    return [];
  }
}

/** Every file that has a compressed copy or needs none, by its address. */
function findFiles(prefix: string, directory: string) {
  const files: [string, StaticFile][] = [];
  for (const entry of entriesOf(directory)) {
    const path = join(entry.parentPath, entry.name);
    const encoding = path.endsWith(".br") ? "br" : null;
    const plain = encoding === null ? path : path.slice(0, -".br".length);
    const contentType = (encoding === null ? asItIs : compressed)[extname(plain)];
    if (!entry.isFile() || contentType === undefined) continue;
    const url = `${prefix}/${relative(directory, plain).split(sep).map(encodeURIComponent).join("/")}`;
    files.push([url, { path, contentType, encoding }]);
  }
  return files;
}

const takesBrotli = (request: IncomingMessage) =>
  /\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(request.headers["accept-encoding"] ?? ""));

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
 * Answers the addresses under each prefix with what the pages' build has made and `compress.mjs` compressed: smaller
 * than compressing at each request, and no work per request. Returns whether it took the request; what it does not take
 * is left to others. Only names that were there at the start are served, so no path can lead elsewhere.
 */
export function serveStatic(directories: Record<string, string>) {
  const files = new Map(
    Object.entries(directories).flatMap(([prefix, directory]) => findFiles(prefix, directory)),
  );
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const file = files.get(request.url?.split("?", 1)[0] ?? "");
    if (file === undefined || (file.encoding === "br" && !takesBrotli(request))) return false;
    const body = read(file.path);
    if (body === null) return false;
    response.writeHead(200, {
      "content-type": file.contentType,
      ...(file.encoding === null ? {} : { "content-encoding": file.encoding, vary: "accept-encoding" }),
      "content-length": body.length,
      // Names hold a hash of the content.
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  };
}

/** The addresses of the pages' own files, and where their build puts them; `web` is its folder. */
export const pageFiles = (web: string): Record<string, string> => ({
  "/_next/static": join(web, ".next/static"),
  "/monaco": join(web, "public/monaco"),
});
