import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryStorage } from "./directory-storage.ts";
import { s3Storage } from "./s3-storage.ts";
import type { Storage } from "./storage.ts";

const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
const put = (storage: Storage, key: string, content: Buffer, options = {}) =>
  storage.put(key, Readable.from([content]), { contentType: "application/octet-stream", ...options });
const get = async (storage: Storage, key: string) => buffer((await storage.get(key)).body);
const keys = async (storage: Storage, prefix: string) => {
  const found: string[] = [];
  for await (const object of storage.list(prefix)) found.push(object.key);
  return found;
};

let directory: string;
let server: S3rver;
const storages = new Map<string, Storage>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "storage-"));
  server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: join(directory, "s3"),
    configureBuckets: [],
  });
  const { port } = await server.run();
  storages.set("a directory", directoryStorage(join(directory, "artifacts")));
  storages.set(
    "an S3 server",
    s3Storage({
      kind: "s3",
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      bucket: "artifacts",
      credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
      forcePathStyle: true,
    }),
  );
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

describe.each(["a directory", "an S3 server"])("artifact storage in %s", (name) => {
  const storage = () => {
    const found = storages.get(name);
    if (found === undefined) throw new Error(`no storage ${name}`);
    return found;
  };

  it("is prepared where there is nothing, and again where all is there", async () => {
    // A server of S3 without its bucket; a directory is made when it is needed.
    if (name === "an S3 server") await expect(storage().check()).rejects.toThrow();
    await storage().prepare();
    await storage().prepare();
    await storage().check();
  });

  it("gives back the bytes it was given, with size, type and checksum", async () => {
    const content = randomBytes(3_000_000);
    const object = await put(storage(), "tasks/one/patch.diff", content, { contentType: "text/x-diff" });
    expect(object).toMatchObject({
      key: "tasks/one/patch.diff",
      sizeBytes: content.length,
      sha256: sha256(content),
    });
    const found = await storage().get("tasks/one/patch.diff");
    expect(found.object).toMatchObject({
      sizeBytes: content.length,
      sha256: sha256(content),
      contentType: "text/x-diff",
    });
    expect((await buffer(found.body)).equals(content)).toBe(true);
  });

  it("keeps an empty object", async () => {
    await put(storage(), "empty", Buffer.alloc(0));
    expect(await get(storage(), "empty")).toHaveLength(0);
  });

  it("replaces what is under a key, and keeps the old one when the new one is cut off", async () => {
    await put(storage(), "replaced", Buffer.from("first"));
    await put(storage(), "replaced", Buffer.from("second"));
    expect((await get(storage(), "replaced")).toString()).toBe("second");
    const broken = Readable.from(
      (function* () {
        yield Buffer.from("thi");
        throw new Error("cut off");
      })(),
    );
    await expect(storage().put("replaced", broken, { contentType: "text/plain" })).rejects.toThrow("cut off");
    expect((await get(storage(), "replaced")).toString()).toBe("second");
  });

  it("refuses what is larger than allowed or not what it is said to be, and keeps nothing of it", async () => {
    await expect(put(storage(), "large", Buffer.alloc(11), { maxBytes: 10 })).rejects.toMatchObject({
      code: "too_large",
    });
    const wrong = put(storage(), "wrong", Buffer.from("a"), { sha256: sha256(Buffer.from("b")) });
    await expect(wrong).rejects.toMatchObject({ code: "bad_request" });
    await expect(storage().get("large")).rejects.toMatchObject({ code: "not_found" });
    await expect(storage().get("wrong")).rejects.toMatchObject({ code: "not_found" });
  });

  it("lists by prefix in order, and forgets what is deleted, twice if need be", async () => {
    for (const key of ["list/b", "list/a", "list/c/d", "lists"]) await put(storage(), key, Buffer.from(key));
    expect(await keys(storage(), "list/")).toEqual(["list/a", "list/b", "list/c/d"]);
    await storage().delete("list/b");
    await storage().delete("list/b");
    expect(await keys(storage(), "list/")).toEqual(["list/a", "list/c/d"]);
  });

  it.each(["", "/etc/passwd", "../up", "a/../../b", "a//b", "a/", "with space", "a\0b", "x".repeat(1000)])(
    "does not take %j for a key",
    async (key) => {
      await expect(put(storage(), key, Buffer.from("x"))).rejects.toThrow();
      await expect(storage().get(key)).rejects.toThrow();
    },
  );

  it("answers when asked whether it is there", async () => {
    await expect(storage().check()).resolves.toBeUndefined();
  });
});

describe("artifact storage in a directory", () => {
  it("tells when the bytes on disk are no longer those that were stored", async () => {
    const root = join(directory, "tampered");
    const storage = directoryStorage(root);
    await put(storage, "proof", Buffer.from("genuine"));
    const [blob] = await readdir(join(root, "blobs"));
    await writeFile(join(root, "blobs", String(blob)), "altered");
    await expect(get(storage, "proof")).rejects.toThrow("checksum");
    expect(await readFile(join(root, "blobs", String(blob)), "utf8")).toBe("altered");
  });
});
