import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { pipeline as pipe } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "@remote-claude/protocol";
import { z } from "zod";
import { assertSha256, measure, verify } from "./checksum.ts";
import { assertKey } from "./key.ts";
import type { Storage, StoredObject } from "./storage.ts";

const Entry = z.object({
  sizeBytes: z.int(),
  sha256: z.string(),
  contentType: z.string(),
  storedAt: z.coerce.date(),
  blob: z.uuid(),
});

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/**
 * Keeps objects in a directory: `entries/<key>` is a small JSON file that names the blob in `blobs/`. Renaming the
 * entry is the one moment at which an object appears or changes, so a crash leaves the old one or the new one.
 */
export function directoryStorage(directory: string): Storage {
  const entries = join(directory, "entries");
  const blobs = join(directory, "blobs");
  const entryPath = (key: string) => join(entries, `${key}.json`);

  async function find(key: string): Promise<(StoredObject & { blob: string }) | null> {
    assertKey(key);
    try {
      return { key, ...Entry.parse(JSON.parse(await readFile(entryPath(key), "utf8"))) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async function keysBelow(prefix: string): Promise<string[]> {
    const folder = join(entries, prefix.slice(0, prefix.lastIndexOf("/") + 1));
    const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names
      .filter((name) => name.isFile() && name.name.endsWith(".json"))
      .map((name) =>
        relative(entries, join(name.parentPath, name.name)).split(sep).join("/").slice(0, -".json".length),
      )
      .filter((key) => key.startsWith(prefix))
      .sort();
  }

  const withoutBlob = ({ blob: _, ...object }: StoredObject & { blob: string }): StoredObject => object;

  return {
    async prepare() {
      await mkdir(blobs, { recursive: true });
    },

    async put(key, body, options) {
      assertKey(key);
      const blob = randomUUID();
      const blobPath = join(blobs, blob);
      const { stream, measured } = measure(options.maxBytes);
      await mkdir(blobs, { recursive: true });
      try {
        await pipeline(body, stream, createWriteStream(blobPath, { flags: "wx", mode: 0o600, flush: true }));
        assertSha256(measured, options.sha256);
        const replaced = await find(key);
        const object = { ...measured, contentType: options.contentType, storedAt: new Date(), blob };
        const path = entryPath(key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(`${blobPath}.entry`, JSON.stringify(object), { mode: 0o600, flush: true });
        await rename(`${blobPath}.entry`, path);
        if (replaced !== null) await rm(join(blobs, replaced.blob), { force: true });
        return withoutBlob({ key, ...object });
      } catch (error) {
        await rm(blobPath, { force: true });
        throw error;
      }
    },

    async get(key) {
      const found = await find(key);
      if (found === null) throw new AppError("not_found", "There is no such artifact.");
      const body = createReadStream(join(blobs, found.blob));
      // The reader sees an error of either stream on the one it holds.
      return { object: withoutBlob(found), body: pipe(body, verify(found), () => {}) };
    },

    async *list(prefix) {
      for (const key of await keysBelow(prefix)) {
        const found = await find(key);
        if (found !== null) yield withoutBlob(found);
      }
    },

    async *keys(prefix) {
      yield* await keysBelow(prefix);
    },

    async delete(key) {
      const found = await find(key);
      if (found === null) return;
      await rm(entryPath(key), { force: true });
      await rm(join(blobs, found.blob), { force: true });
    },

    async check() {
      await mkdir(blobs, { recursive: true });
      await access(blobs);
    },
  };
}
