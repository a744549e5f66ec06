import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const types: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".ttf": "font/ttf",
  ".html": "text/html",
  ".ts": "text/plain",
};

const html = `<!doctype html><meta charset="utf-8"><title>Bare</title><link rel="stylesheet" href="/main.css">
<body style="margin:0"><div id="editor" style="height:600px"></div><div id="terminal"></div>
<script type="module" src="/main.js"></script>`;

/** Everything the page needs, compressed once as a good server would have it. */
async function bundle(file: string): Promise<Map<string, { type: string; body: Buffer }>> {
  const outdir = mkdtempSync(join(tmpdir(), "bench-page-"));
  const monaco = fileURLToPath(new URL("../../node_modules/monaco-editor/esm/vs/", import.meta.url));
  await build({
    entryPoints: {
      main: fileURLToPath(new URL("./page.mjs", import.meta.url)),
      "editor.worker": join(monaco, "editor/editor.worker.js"),
      "ts.worker": join(monaco, "language/typescript/ts.worker.js"),
    },
    outdir,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2024",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".ttf": "file" },
    logLevel: "error",
  });
  const names = readdirSync(outdir);
  const files = new Map(
    [
      ...names.map((name) => [name, readFileSync(join(outdir, name))] as const),
      ["", Buffer.from(html)] as const,
      ["file.ts", Buffer.from(file)] as const,
    ].map(([name, body]) => [
      `/${name}`,
      { type: types[extname(name) || ".html"] ?? "application/octet-stream", body: brotliCompressSync(body) },
    ]),
  );
  rmSync(outdir, { recursive: true, force: true });
  return files;
}

/** The bare Monaco + xterm page on a static server; `file` is what its editor shows. */
export async function serveBarePage(file: string): Promise<{ url: string; close(): void }> {
  const files = await bundle(file);
  const server = createServer((request, response) => {
    const found = files.get(new URL(request.url ?? "/", "http://page").pathname);
    if (found === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": found.type, "content-encoding": "br" });
    response.end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
