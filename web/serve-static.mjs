import { createReadStream, readdirSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

/** What the build puts under /_next/static, by extension. */
const contentTypes = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * Answers /_next/static from files that `compress.mjs` compressed after the build: smaller than compressing at
 * each request, and no work per request. Returns whether it took the request; what it does not know is Next's.
 * Only names that were there at the start are served, so no path can lead elsewhere.
 */
export function serveStatic(directory) {
  const files = new Map();
  let names = [];
  try {
    names = readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch {
    // Nothing built yet: everything is Next's.
  }
  for (const entry of names) {
    if (!entry.isFile() || !entry.name.endsWith(".br")) continue;
    const path = join(entry.parentPath, entry.name);
    const contentType = contentTypes[extname(path.slice(0, -3))];
    if (contentType === undefined) continue;
    const url = `/_next/static/${relative(directory, path).split(sep).map(encodeURIComponent).join("/").slice(0, -3)}`;
    files.set(url, { path, contentType, size: statSync(path).size });
  }
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const file = files.get(request.url?.split("?", 1)[0]);
    if (file === undefined || !/\bbr\b/.test(String(request.headers["accept-encoding"] ?? ""))) return false;
    response.writeHead(200, {
      "content-type": file.contentType,
      "content-encoding": "br",
      "content-length": file.size,
      // Names hold a hash of the content.
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
    });
    if (request.method === "HEAD") response.end();
    else
      createReadStream(file.path)
        .on("error", () => response.destroy())
        .pipe(response);
    return true;
  };
}
