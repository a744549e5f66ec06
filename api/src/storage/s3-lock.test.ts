import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { s3Storage } from "./s3-storage.ts";
import type { Storage } from "./storage.ts";

/** What the server was asked, in words: `s3rver`, by which storage is tested otherwise, knows no object lock. */
interface Asked {
  readonly what: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

describe("a bucket whose objects can be locked", () => {
  let server: Server;
  let storage: Storage;
  let asked: Asked[];
  let bucket: "missing" | "plain" | "with lock" | "silent";

  beforeEach(async () => {
    asked = [];
    server = createServer(async (request, response) => {
      const { method, url = "", headers } = request;
      const what = `${method} ${url.replace(/[?&]x-id=\w+/, "").replace(/=$/, "")}`;
      asked.push({ what, headers, body: await text(request) });
      if (what === "PUT /records/") {
        bucket = headers["x-amz-bucket-object-lock-enabled"] === "true" ? "with lock" : "plain";
      }
      if (bucket === "missing") response.statusCode = 404;
      if (what === "GET /records/?object-lock") {
        if (bucket === "silent") response.statusCode = 503;
        else if (bucket !== "with lock") response.statusCode = 404;
        else
          response.write(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
          );
      }
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    storage = s3Storage({
      kind: "s3",
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      bucket: "records",
      credentials: { accessKeyId: "id", secretAccessKey: "secret" },
      forcePathStyle: true,
    });
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const said = (what: string) => asked.find((one) => one.what === what);

  it("is made with object lock where there is none, and drops what was deleted a day later", async () => {
    bucket = "missing";
    await storage.prepare({ locks: true });
    expect(said("PUT /records/")?.headers["x-amz-bucket-object-lock-enabled"]).toBe("true");
    expect(said("PUT /records/?lifecycle")?.body).toContain("<NoncurrentDays>1</NoncurrentDays>");
  });

  it("is made as it always was where nothing is to be locked", async () => {
    bucket = "missing";
    await storage.prepare();
    expect(asked.map(({ what }) => what)).toEqual(["HEAD /records/", "PUT /records/"]);
    expect(said("PUT /records/")?.headers).not.toHaveProperty("x-amz-bucket-object-lock-enabled");
  });

  it("is left as it is where it can lock, and is named where it cannot", async () => {
    bucket = "with lock";
    await storage.prepare({ locks: true });
    bucket = "plain";
    await expect(storage.prepare({ locks: true })).rejects.toThrow(
      "the bucket records was made without object lock, which AUDIT_LOCK_DAYS needs",
    );
    expect(asked.some(({ what }) => what.startsWith("PUT"))).toBe(false);
  });

  it("that was made without goes on taking objects, unlocked", async () => {
    bucket = "plain";
    await storage.put("audit/seals/1.json", Readable.from(["{}"]), {
      contentType: "application/json",
      retainUntil: new Date("2027-01-01T00:00:00Z"),
    });
    const { headers } = said("PUT /records/audit/seals/1.json") ?? {};
    expect(headers).toMatchObject({ "content-type": "application/json" });
    expect(headers).not.toHaveProperty("x-amz-object-lock-mode");
  });

  it("that does not say whether it can lock gets no copy that is not locked", async () => {
    bucket = "silent";
    const put = () =>
      storage.put("audit/seals/1.json", Readable.from(["{}"]), {
        contentType: "application/json",
        retainUntil: new Date("2027-01-01T00:00:00Z"),
      });
    await expect(put()).rejects.toThrow();
    expect(said("PUT /records/audit/seals/1.json")).toBeUndefined();
    bucket = "with lock";
    await put();
    expect(said("PUT /records/audit/seals/1.json")?.headers).toHaveProperty("x-amz-object-lock-mode");
  });

  it("takes an object with the day until which nobody removes it, and a checksum", async () => {
    bucket = "with lock";
    await storage.put("audit/seals/1.json", Readable.from(["{}"]), {
      contentType: "application/json",
      retainUntil: new Date("2027-01-01T00:00:00Z"),
    });
    expect(said("PUT /records/audit/seals/1.json")?.headers).toMatchObject({
      "x-amz-object-lock-mode": "COMPLIANCE",
      "x-amz-object-lock-retain-until-date": "2027-01-01T00:00:00Z",
      "x-amz-checksum-sha256": "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=",
    });
  });
});
