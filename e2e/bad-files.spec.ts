import { createHash, randomBytes } from "node:crypto";
import type { Session } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { tarGz, zip } from "./testing/archives.ts";
import type { Refused } from "./testing/client.ts";
import { writeAndHangUp } from "./testing/raw-http.ts";
import { steadyProduct } from "./testing/steady-product.ts";

const steady = steadyProduct();

describe("paths", () => {
  const outside = [
    "../../../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a/../../etc/passwd",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "x%00y",
    "%00",
    "%",
    "%ff%fe",
    "%c0%ae%c0%ae/etc/passwd",
    "%ed%a0%80",
    "x".repeat(4096),
    `${"d/".repeat(2048)}x`,
  ];

  it.each(outside.map((path) => [path.slice(0, 40), path]))(
    "to read, write and delete do not lead out: %s",
    async (_, path) => {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const answer = await steady.raw({
          method,
          path: steady.file(path),
          ...(method === "PUT" ? { body: "x" } : {}),
        });
        expect(answer, method).toMatchObject({ status: 400, code: "bad_request" });
      }
    },
  );

  it.each([
    "..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd",
    "....//etc/passwd",
    "~/.ssh/id_rsa",
    "%252e%252e/etc/passwd",
  ])("that are only odd names are odd names: %s", async (path) => {
    expect(await steady.raw({ path: steady.file(path) })).toMatchObject({ status: 404, code: "not_found" });
  });

  it("of names that no file system takes are refused", async () => {
    const answer = await steady.raw({ method: "PUT", path: steady.file("n".repeat(300)), body: "x" });
    expect(answer).toMatchObject({ status: 400, code: "bad_request" });
  });

  it("through symbolic links do not lead out either", async () => {
    await steady.client.execute(
      steady.sessionId,
      "mkdir -p links && ln -s / links/root && ln -s /etc/passwd links/passwd && ln -s loop links/loop",
    );
    for (const path of ["links/passwd", "links/root/etc/passwd", "links/root/tmp/written", "links/loop"]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        if (method === "DELETE" && !path.includes("root/")) continue;
        const answer = await steady.raw({
          method,
          path: steady.file(path),
          ...(method === "PUT" ? { body: "x" } : {}),
        });
        expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
        expect(answer.text).not.toContain("root:");
      }
    }
    expect(
      (await steady.raw({ path: `/api/sessions/${steady.sessionId}/files?path=links/root` })).status,
    ).toBeGreaterThanOrEqual(400);
    const { stdout } = await steady.client.execute(
      steady.sessionId,
      "ls /tmp/written; head -c 5 /etc/passwd",
    );
    expect(stdout).toBe("root:");
  });

  it("over the socket do not lead out", async () => {
    const bad = ["..", "../x", "a/../../x", "/etc", "a\0b", "x".repeat(4096), "\ud800"];
    for (const path of bad) {
      for (const type of ["file.list", "file.stat", "file.delete", "file.make-directory"] as const) {
        await expect(
          steady.live.command(type, steady.sessionId, { path }),
          `${type} ${path.slice(0, 20)}`,
        ).rejects.toMatchObject({ code: "bad_request" });
      }
      await expect(
        steady.live.command("file.move", steady.sessionId, { from: "a", to: path }),
      ).rejects.toMatchObject({
        code: "bad_request",
      });
      await expect(
        steady.live.command("terminal.create", steady.sessionId, { cols: 80, rows: 24, cwd: path }),
      ).rejects.toMatchObject({ code: "bad_request" });
    }
    for (const path of ["links/root/etc", "links/passwd"]) {
      await expect(steady.live.command("file.list", steady.sessionId, { path })).rejects.toMatchObject({
        code: expect.stringMatching(/bad_request|not_found|forbidden/),
      });
    }
  });
});

describe("files", () => {
  it("of 50 MB, binary, come back byte for byte, and a lost update is refused", async () => {
    const bytes = randomBytes(50 * 1024 * 1024);
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    const put = await steady.client.fetch(steady.file("large.bin"), { method: "PUT", body: bytes });
    expect(put.headers.get("etag")).toBe(etag);
    expect(await put.json()).toMatchObject({ size: bytes.length, created: true, etag });
    const got = await steady.client.fetch(steady.file("large.bin"));
    expect(got.headers.get("etag")).toBe(etag);
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
    expect(
      (await steady.client.fetch(steady.file("large.bin"), { headers: { "if-none-match": etag } })).status,
    ).toBe(304);

    const small = await steady.client.fetch(steady.file("large.bin"), {
      method: "PUT",
      body: "small",
      headers: { "if-match": etag },
    });
    expect(small.status).toBe(200);
    const lost = await steady.raw({
      method: "PUT",
      path: steady.file("large.bin"),
      body: "lost",
      headers: { "if-match": etag },
    });
    expect(lost).toMatchObject({ status: 412, code: "precondition_failed" });
    expect(JSON.parse(lost.text).error.details.etag).toBe(small.headers.get("etag"));
    const again = await steady.raw({
      method: "PUT",
      path: steady.file("large.bin"),
      body: "x",
      headers: { "if-none-match": "*" },
    });
    expect(again).toMatchObject({ status: 412, code: "precondition_failed" });
    const gone = await steady.raw({
      method: "DELETE",
      path: steady.file("large.bin"),
      headers: { "if-match": etag },
    });
    expect(gone).toMatchObject({ status: 412, code: "precondition_failed" });
    for (const header of ["x", '"abc"', 'W/"x"']) {
      const answer = await steady.raw({
        method: "PUT",
        path: steady.file("large.bin"),
        body: "x",
        headers: { "if-match": header },
      });
      expect(answer, header).toMatchObject({ status: 400, code: "bad_request" });
    }
    expect((await steady.client.execute(steady.sessionId, "cat large.bin")).stdout).toBe("small");
  });

  it("whose upload breaks off leave nothing behind", async () => {
    await steady.client.execute(steady.sessionId, "mkdir -p broken");
    const head = (method: string, path: string, type: string) =>
      `${method} ${path} HTTP/1.1\r\nHost: ${new URL(steady.product.url).host}\r\nAuthorization: Bearer ${steady.client.token}\r\nContent-Type: ${type}\r\nContent-Length: 1000000\r\n\r\n`;
    const part =
      '--cut\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\nhalf of it';
    await writeAndHangUp(
      steady.product,
      `${head("PUT", steady.file("broken/put.txt"), "application/octet-stream")}half of it`,
    );
    await writeAndHangUp(
      steady.product,
      `${head("POST", `/api/sessions/${steady.sessionId}/files?path=broken`, "multipart/form-data; boundary=cut")}${part}`,
    );
    await writeAndHangUp(
      steady.product,
      `${head("POST", "/api/sessions", "multipart/form-data; boundary=cut")}${part}`,
    );
    await expect
      .poll(async () => (await steady.client.execute(steady.sessionId, "ls -A broken")).stdout)
      .toBe("");
  });

  it("in forms with names that lead out are refused, and the others are not lost for it", async () => {
    for (const name of ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "x\0y", "n".repeat(300)]) {
      const form = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\ntext\r\n--b--\r\n`;
      const headers = { "content-type": "multipart/form-data; boundary=b" };
      const answer = await steady.raw({
        method: "POST",
        path: `/api/sessions/${steady.sessionId}/files`,
        headers,
        body: form,
      });
      expect(answer.status, name.slice(0, 20)).toBe(400);
    }
    const form = new FormData();
    form.set("file", new Blob(["fine"]), "deep/down/fine.txt");
    const answer = await steady.client.fetch(`/api/sessions/${steady.sessionId}/files`, {
      method: "POST",
      body: form,
    });
    expect(answer.status).toBe(201);
    expect(
      (await steady.client.execute(steady.sessionId, "cat deep/down/fine.txt; ls /tmp/out.txt")).stdout,
    ).toBe("fine");
  });
});

describe("archives", () => {
  async function create(archive: Uint8Array<ArrayBuffer>, name = "project.tar.gz") {
    const form = new FormData();
    form.set("name", "Unpacked");
    form.set("archive", new Blob([archive]), name);
    return steady.client.fetch("/api/sessions", { method: "POST", body: form });
  }

  /** Until it failed; then it is deleted. */
  async function failing(archive: Uint8Array<ArrayBuffer>): Promise<Session> {
    const response = await create(archive);
    expect(response.status).toBe(201);
    const { id } = ((await response.json()) as { session: Session }).session;
    const find = async () =>
      (await steady.client.call<{ session: Session }>("GET", `/api/sessions/${id}`)).session;
    await expect.poll(async () => (await find()).state, { timeout: 60_000 }).toBe("failed");
    const session = await find();
    await steady.client.call("DELETE", `/api/sessions/${id}`);
    await expect
      .poll(() => steady.client.call("GET", `/api/sessions/${id}`).catch(({ code }: Refused) => code))
      .toBe("not_found");
    return session;
  }

  const text = Buffer.from("text");
  const zeros = Buffer.alloc(100 * 1024 * 1024);
  it.each([
    [
      "a path out",
      () =>
        tarGz([
          { name: "fine", content: text },
          { name: "../out", content: text },
        ]),
    ],
    ["an absolute path", () => tarGz([{ name: "/tmp/out", content: text }])],
    ["a link out", () => tarGz([{ name: "link", type: "2", link: "../../etc" }])],
    [
      "a file through a link out",
      () =>
        tarGz([
          { name: "l", type: "2", link: "/tmp" },
          { name: "l/out", content: text },
        ]),
    ],
    ["a hard link out", () => tarGz([{ name: "passwd", type: "1", link: "/etc/passwd" }])],
    ["a device", () => tarGz([{ name: "null", type: "3" }])],
    ["a path out in a zip", () => zip("../out", text)],
    ["a bomb", () => tarGz([{ name: "zeros", content: zeros }])],
    ["a bomb in a zip", () => zip("zeros", zeros)],
    ["a bomb that lies of its size", () => zip("zeros", zeros, 10)],
    ["a size beyond all disks", () => tarGz([{ name: "huge", content: text, size: 0o77777777777 }])],
    [
      "an end before its end",
      () => tarGz([{ name: "cut", content: randomBytes(100_000) }]).subarray(0, 50_000),
    ],
    ["nothing after gzip's first bytes", () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])],
  ])("with %s make the session fail with a sentence, and it can be deleted", async (_, make) => {
    const session = await failing(new Uint8Array(make()));
    expect(session.stopReason).toBe("archive-failed");
    expect(session.stateMessage).toMatch(/^The archive could not be unpacked: ./);
    expect(session.stateMessage).not.toMatch(/an unexpected error/);
  });

  it("that are none are refused at the door", async () => {
    for (const bytes of [Buffer.from("hello"), Buffer.alloc(0), randomBytes(10).fill(7, 0, 4)]) {
      expect((await create(new Uint8Array(bytes))).status).toBe(400);
    }
  });
});
