import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loopbackRegistry } from "./registry.ts";

/** A package index (PEP 503) on loopback, with wheels that are made as it starts: each says its name. */
export class PythonIndex {
  readonly #names: readonly string[];
  readonly #wheels = new Map<string, Buffer>();
  readonly #server: Server;
  /** As EGRESS_ALLOWED_HOSTS names it. */
  host = "";

  constructor(...names: readonly string[]) {
    this.#names = names;
    this.#server = createServer((request, response) => {
      const name = /^\/simple\/([a-z-]+)\/$/.exec(request.url ?? "")?.[1];
      const wheel = this.#wheels.get(request.url?.replace("/files/", "") ?? "");
      if (wheel !== undefined) response.end(wheel);
      else if (name !== undefined && this.#names.includes(name)) {
        const file = fileName(name);
        response.setHeader("content-type", "text/html");
        response.end(`<!DOCTYPE html><html><body><a href="/files/${file}">${file}</a></body></html>`);
      } else response.writeHead(404).end();
    });
  }

  get url(): string {
    return `http://${this.host}/simple/`;
  }

  async listen(): Promise<void> {
    for (const name of this.#names) this.#wheels.set(fileName(name), await makeWheel(name));
    await new Promise<void>((resolve) => this.#server.listen(0, loopbackRegistry, resolve));
    this.host = `${loopbackRegistry}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

const moduleOf = (name: string) => name.replaceAll("-", "_");
const fileName = (name: string) => `${moduleOf(name)}-1.0-py3-none-any.whl`;

/** A wheel is a zip of a module and what is to be known of it; this one has a program too. */
async function makeWheel(name: string): Promise<Buffer> {
  const module = moduleOf(name);
  const folder = await mkdtemp(join(tmpdir(), "rc-wheel-"));
  const info = `${module}-1.0.dist-info`;
  const files = {
    [`${module}.py`]: `def main():\n    print("here is ${name}")\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: e2e\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/entry_points.txt`]: `[console_scripts]\n${name} = ${module}:main\n`,
  };
  await mkdir(join(folder, info));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  const record = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join("");
  await writeFile(join(folder, info, "RECORD"), record);
  await promisify(execFile)("zip", ["-q", "-r", "wheel.zip", `${module}.py`, info], { cwd: folder });
  const wheel = await readFile(join(folder, "wheel.zip"));
  await rm(folder, { recursive: true });
  return wheel;
}
