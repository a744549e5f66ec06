import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./product.ts";

/** A loopback address that a session's NO_PROXY does not name: what goes there takes the way out. */
export const loopbackRegistry = "127.0.0.2";

interface Package {
  readonly manifest: Record<string, unknown> & { version: string };
  readonly tarball: Buffer;
}

/**
 * An npm registry on loopback that has what is installed in the project's own node_modules: packuments and tarballs
 * are made of it as they are asked for.
 */
export class Registry {
  readonly #server: Server;
  /** Where each package is installed, in every version of it. */
  readonly #folders = new Map<string, string[]>();
  readonly #packages = new Map<string, Promise<Package>>();
  url = "";
  /** As EGRESS_ALLOWED_HOSTS names it. */
  host = "";

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(decodeURIComponent(request.url ?? ""), response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async listen(address = loopbackRegistry): Promise<void> {
    const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { link?: boolean }>;
    };
    for (const [path, { link }] of Object.entries(lock.packages)) {
      const name = path.split("node_modules/").at(-1) ?? "";
      if (link || !path.includes("node_modules/")) continue;
      this.#folders.set(name, [...(this.#folders.get(name) ?? []), join(root, path)]);
    }
    await new Promise<void>((resolve) => this.#server.listen(0, address, resolve));
    this.host = `${address}:${(this.#server.address() as AddressInfo).port}`;
    this.url = `http://${this.host}/`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const tarball = /^\/-\/(.+)-(\d[^/]*)\.tgz$/.exec(path);
    if (tarball !== null) {
      const found = (await this.#versions(tarball[1] ?? "")).find(
        ({ manifest }) => manifest.version === tarball[2],
      );
      response
        .writeHead(found ? 200 : 404, { "content-type": "application/octet-stream" })
        .end(found?.tarball);
      return;
    }
    const name = path.slice(1);
    const versions = await this.#versions(name);
    if (versions.length === 0) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
      return;
    }
    const entries = versions.map(({ manifest, tarball: bytes }) => {
      const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
      const dist = { tarball: `${this.url}-/${name}-${manifest.version}.tgz`, integrity };
      return [manifest.version, { ...manifest, dist }] as const;
    });
    const latest = versions.at(-1)?.manifest.version;
    const packument = { name, "dist-tags": { latest }, versions: Object.fromEntries(entries) };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(packument));
  }

  async #versions(name: string): Promise<Package[]> {
    const found = await Promise.all(
      (this.#folders.get(name) ?? []).map((folder) => this.#pack(folder).catch(() => null)),
    );
    return found.filter((entry) => entry !== null);
  }

  #pack(folder: string): Promise<Package> {
    const known = this.#packages.get(folder);
    if (known !== undefined) return known;
    const packed = (async () => {
      const manifest = JSON.parse(
        await readFile(join(folder, "package.json"), "utf8"),
      ) as Package["manifest"];
      const tar = ["-czf", "-", "--exclude=./node_modules", "--transform=s,^\\.,package,", "-C", folder, "."];
      const { stdout } = await promisify(execFile)("tar", tar, {
        encoding: "buffer",
        maxBuffer: 64 * 1024 * 1024,
      });
      return { manifest, tarball: stdout };
    })();
    this.#packages.set(folder, packed);
    return packed;
  }
}
