import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveStatic } from "./serve-static.ts";

const script = "console.log('hello');".repeat(20);
let directory: string;
let server: Server;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "web-static-"));
  mkdirSync(join(directory, "chunks"));
  writeFileSync(join(directory, "secret.br"), "outside");
  writeFileSync(join(directory, "chunks", "a[1].js"), script);
  writeFileSync(join(directory, "chunks", "a[1].js.br"), brotliCompressSync(script));
  writeFileSync(join(directory, "chunks", "plain.js"), script);
  writeFileSync(join(directory, "font.woff2"), "font");
  const answer = serveStatic({ "/_next/static": directory, "/other": join(directory, "chunks") });
  server = createServer((incoming, response) => {
    if (!answer(incoming, response)) response.writeHead(299).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** node:http, since fetch would decode the body and tidy the path. */
function get(path: string, acceptEncoding: string, method = "GET") {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      request({ port, path, method, headers: { "accept-encoding": acceptEncoding } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      })
        .on("error", reject)
        .end();
    },
  );
}

describe("serveStatic", () => {
  it("sends the compressed copy, to be kept for ever", async () => {
    const { status, headers, body } = await get("/_next/static/chunks/a%5B1%5D.js", "gzip, br");
    expect(status).toBe(200);
    expect(brotliDecompressSync(body).toString()).toBe(script);
    expect(headers["content-type"]).toContain("text/javascript");
    expect(headers["cache-control"]).toContain("immutable");
    expect(headers["content-encoding"]).toBe("br");
  });

  it("serves each directory under its own prefix", async () => {
    expect((await get("/other/a%5B1%5D.js", "br")).status).toBe(200);
    expect((await get("/other/chunks/a%5B1%5D.js", "br")).status).toBe(299);
  });

  it("sends a font as it is, to whatever browser", async () => {
    const { status, headers, body } = await get("/_next/static/font.woff2", "gzip");
    expect([status, body.toString()]).toEqual([200, "font"]);
    expect(headers["content-type"]).toBe("font/woff2");
    expect(headers).not.toHaveProperty("content-encoding");
  });

  it("answers HEAD with the size and no body", async () => {
    const { headers, body } = await get("/_next/static/chunks/a%5B1%5D.js", "br", "HEAD");
    expect(Number(headers["content-length"])).toBeGreaterThan(0);
    expect(body).toHaveLength(0);
  });

  it.each([
    ["a browser that takes no brotli", "/_next/static/chunks/a%5B1%5D.js", "gzip"],
    ["a browser that refuses brotli", "/_next/static/chunks/a%5B1%5D.js", "gzip, br;q=0"],
    ["a file without a compressed copy", "/_next/static/chunks/plain.js", "br"],
    ["a file of no known type", "/_next/static/secret", "br"],
    ["a path that leads out", "/_next/static/chunks/../../../etc/passwd", "br"],
    ["another path", "/sign-in", "br"],
  ])("leaves %s to Next", async (_, path, acceptEncoding) => {
    expect((await get(path, acceptEncoding)).status).toBe(299);
  });
});
