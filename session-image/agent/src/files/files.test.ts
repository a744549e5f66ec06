import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
let api: TestApi;
const at = (...names: string[]) => join(place.workspace, ...names);
const etagOf = (text: string) => `"${createHash("sha256").update(text).digest("hex")}"`;
const write = (
  path: string,
  text: string,
  condition: { ifMatch?: string; ifNoneMatch?: "*"; maxBytes?: number } = {},
) => api.upload({ direction: "write", path, ...condition }, Buffer.from(text));
const read = async (path: string) => (await api.download({ direction: "read", path })).toString("utf8");

beforeAll(async () => {
  await place.start();
  api = await TestApi.connect(place);
  writeFileSync(join(place.home, "secret"), "outside");
});
afterAll(async () => {
  api.close();
  await place.remove();
});

describe("a path", () => {
  beforeAll(() => {
    symlinkSync(place.home, at("to-home"));
    symlinkSync(join(place.home, "secret"), at("to-secret"));
    symlinkSync("nowhere", at("dangling"));
    symlinkSync("circle", at("circle"));
  });

  const bad = [
    "../home/secret",
    "a/../../home/secret",
    "/etc/passwd",
    "a\0b",
    "to-home/secret",
    "to-secret",
    "to-home",
    "circle",
    "x".repeat(300),
    "x/".repeat(2500),
    `${"x/".repeat(2047)}y`,
    "\ud800",
  ];
  it.each(bad)("like %j is never followed out", async (path) => {
    const refusal = { code: expect.stringMatching(/^(bad_request|not_found)$/) };
    await expect(api.download({ direction: "read", path })).rejects.toMatchObject(refusal);
    await expect(api.download({ direction: "archive", path })).rejects.toMatchObject(refusal);
    await expect(api.ask("file.list", { path })).rejects.toMatchObject(refusal);
    await expect(api.ask("terminal.create", { cols: 80, rows: 24, cwd: path })).rejects.toMatchObject(
      refusal,
    );
    await expect(api.ask("workspace.execute", { command: "pwd", cwd: path })).rejects.toMatchObject(refusal);
  });

  it.each(["to-home/new", "to-home/new/deeper", "to-secret", "../new", "/tmp/rc-new", "x".repeat(300)])(
    "like %j is never written or moved to",
    async (path) => {
      await expect(write(path, "x")).rejects.toMatchObject({ code: "bad_request" });
      await expect(api.ask("file.make-directory", { path: `${path}/d` })).rejects.toMatchObject({
        code: expect.stringMatching(/^(bad_request|not_found)$/),
      });
      writeFileSync(at("mine"), "mine");
      await expect(api.ask("file.move", { from: "mine", to: `${path}/d` })).rejects.toMatchObject({
        code: expect.stringMatching(/^(bad_request|not_found)$/),
      });
      expect(readFileSync(join(place.home, "secret"), "utf8")).toBe("outside");
      expect(readdirSync(place.home).sort()).toEqual([".remote-claude", "secret"]);
    },
  );

  it("of a link is moved and deleted as the link it is", async () => {
    symlinkSync(place.home, at("link-a"));
    await api.ask("file.move", { from: "link-a", to: "link-b" });
    await api.ask("file.delete", { path: "link-b" });
    expect(existsSync(join(place.home, "secret"))).toBe(true);
    expect((await api.ask("file.stat", { path: "to-home" })).entry).toMatchObject({
      type: "other",
      symlink: true,
    });
    expect((await api.ask("file.stat", { path: "dangling" })).entry).toMatchObject({ type: "other" });
  });

  it("of the workspace itself is not moved, deleted or written", async () => {
    for (const path of [".", "./", "./."]) {
      await expect(api.ask("file.delete", { path })).rejects.toMatchObject({ code: "bad_request" });
      await expect(api.ask("file.move", { from: path, to: "x" })).rejects.toMatchObject({
        code: "bad_request",
      });
      await expect(write(path, "x")).rejects.toMatchObject({ code: "bad_request" });
    }
  });

  it("whose directory becomes a link while it is written stays inside", async () => {
    const attack = async (round: number) => {
      mkdirSync(at("swapped"), { recursive: true });
      const { ticket } = await api.ask("file.open-transfer", { direction: "write", path: "swapped/stolen" });
      const upload = api.transfer("PUT", ticket, Buffer.alloc(200_000 + round, "x"));
      for (let turn = 0; turn < 20; turn++) {
        rmSync(at("aside"), { recursive: true, force: true });
        renameSync(at("swapped"), at("aside"));
        // The agent may have made the directory anew in between; then there is nothing to attack in this turn.
        if (!existsSync(at("swapped"))) trySymlink(place.home, at("swapped"));
        await new Promise((resolve) => setImmediate(resolve));
        rmSync(at("swapped"), { recursive: true, force: true });
        mkdirSync(at("swapped"), { recursive: true });
      }
      await upload;
      rmSync(at("swapped"), { recursive: true });
    };
    for (let round = 0; round < 20; round++) await attack(round);
    expect(readdirSync(place.home).sort()).toEqual([".remote-claude", "secret"]);
  });

  it("of a pipe or a device is refused at once", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    await expect(read("pipe")).rejects.toMatchObject({ code: "bad_request" });
    await expect(write("pipe", "x")).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("a file", () => {
  it("is written whole, with the directories above it, and read back under its ETag", async () => {
    const done = await write("deep/er/file.txt", "content");
    expect(done).toEqual({ size: 7, etag: etagOf("content"), created: true });
    const { ticket, ...about } = await api.ask("file.open-transfer", {
      direction: "read",
      path: "deep/er/file.txt",
    });
    expect(about).toMatchObject({ size: 7, etag: etagOf("content") });
    const answer = await api.transfer("GET", ticket);
    expect(answer.body.toString()).toBe("content");
    expect(answer.headers.etag).toBe(etagOf("content"));
  });

  it("keeps its mode, and a link to it stays one", async () => {
    writeFileSync(at("script"), "old");
    chmodSync(at("script"), 0o750);
    symlinkSync("script", at("alias"));
    expect((await write("alias", "new")).created).toBe(false);
    expect(readFileSync(at("script"), "utf8")).toBe("new");
    expect(lstatSync(at("script")).mode & 0o777).toBe(0o750);
    expect(lstatSync(at("alias")).isSymbolicLink()).toBe(true);
  });

  it("is only replaced by those who know what is in it", async () => {
    await write("shared", "one");
    const refusal = (current: string | null) => ({
      code: "precondition_failed",
      details: { etag: current },
    });
    await expect(write("shared", "x", { ifMatch: etagOf("zero") })).rejects.toMatchObject(
      refusal(etagOf("one")),
    );
    await expect(write("shared", "x", { ifNoneMatch: "*" })).rejects.toMatchObject(refusal(etagOf("one")));
    await expect(write("missing", "x", { ifMatch: "*" })).rejects.toMatchObject(refusal(null));
    await expect(write("missing/too", "x", { ifMatch: etagOf("a") })).rejects.toMatchObject(refusal(null));
    await write("shared", "two", { ifMatch: etagOf("one") });
    await write("brand-new", "x", { ifNoneMatch: "*" });
    expect(await read("shared")).toBe("two");
  });

  it("saved by two at once is saved by one", async () => {
    await write("contested", "base");
    const all = Array.from({ length: 8 }, (_, index) =>
      write("contested", `by ${index} ${"x".repeat(100_000)}`, { ifMatch: etagOf("base") }),
    );
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === "fulfilled").length).toBe(1);
    expect(readdirSync(place.workspace).filter((name) => name.startsWith(".remote-claude"))).toEqual([]);
  });

  it("over the limit leaves nothing behind", async () => {
    await expect(write("big", "x".repeat(1000), { maxBytes: 999 })).rejects.toMatchObject({
      code: "too_large",
    });
    expect(existsSync(at("big"))).toBe(false);
  });

  it("over the limit is answered, and who is still sending can go on until they have read why", async () => {
    const payload = { direction: "write", path: "endless", maxBytes: 1000 } as const;
    const { ticket } = await api.ask("file.open-transfer", payload);
    const socket = connect(place.socket);
    const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;
    socket.write(
      `PUT /transfers/${ticket} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk(2000)}`,
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 .*"too_large"/s);
    // More than any buffer on the way holds: it was read, and nothing is broken.
    for (let part = 0; part < 20; part += 1)
      await new Promise<void>((resolve, reject) =>
        socket.write(chunk(100_000), (error) => (error ? reject(error) : resolve())),
      );
    socket.end("0\r\n\r\n");
    await once(socket, "close");
    expect(existsSync(at("endless"))).toBe(false);
  });

  it("of any bytes and of no bytes comes back as it was", async () => {
    const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7919) % 256));
    await api.upload({ direction: "write", path: "binary" }, bytes);
    expect((await api.download({ direction: "read", path: "binary" })).equals(bytes)).toBe(true);
    await api.upload({ direction: "write", path: "empty" }, Buffer.alloc(0));
    expect(await read("empty")).toBe("");
  });

  it("is handed out once for each ticket, and only as the ticket says", async () => {
    const { ticket } = await api.ask("file.open-transfer", { direction: "read", path: "shared" });
    expect((await api.transfer("PUT", ticket, Buffer.from("x"))).status).toBe(404);
    expect((await api.transfer("GET", ticket)).status).toBe(200);
    expect((await api.transfer("GET", ticket)).status).toBe(404);
    expect((await api.transfer("GET", "A".repeat(43))).status).toBe(404);
  });
});

describe("a directory", () => {
  it("is listed with directories first, sizes, links and what .gitignore names", async () => {
    mkdirSync(at("listed/.git"), { recursive: true });
    mkdirSync(at("listed/sub/node_modules"), { recursive: true });
    writeFileSync(at("listed/.gitignore"), "*.log\nnode_modules/\n!keep.log\n");
    for (const name of ["b.txt", "a10", "a9", "x.log", "keep.log"])
      writeFileSync(at("listed", name), "12345");
    symlinkSync("b.txt", at("listed/link"));
    const { entries, truncated } = await api.ask("file.list", { path: "listed" });
    expect(truncated).toBe(false);
    expect(entries.map(({ name }) => name)).toEqual([
      ".git",
      "sub",
      ".gitignore",
      "a9",
      "a10",
      "b.txt",
      "keep.log",
      "link",
      "x.log",
    ]);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    expect(byName.get("b.txt")).toMatchObject({
      path: "listed/b.txt",
      type: "file",
      size: 5,
      symlink: false,
    });
    expect(byName.get("link")).toMatchObject({ type: "file", size: 5, symlink: true });
    expect(entries.filter(({ ignored }) => ignored).map(({ name }) => name)).toEqual([".git", "x.log"]);
    const inner = await api.ask("file.list", { path: "listed/sub" });
    expect(inner.entries).toMatchObject([{ name: "node_modules", ignored: true }]);
  });

  it("is made, moved and deleted with what is in it; names that are taken are refused", async () => {
    await api.ask("file.make-directory", { path: "one/two" });
    await write("one/two/file", "x");
    await write("taken", "y");
    await expect(api.ask("file.move", { from: "one", to: "taken" })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(api.ask("file.move", { from: "one", to: "one/two/three" })).rejects.toMatchObject({
      code: "bad_request",
    });
    await api.ask("file.move", { from: "one/two/file", to: "taken", overwrite: true });
    expect(await read("taken")).toBe("x");
    await api.ask("file.move", { from: "one", to: "uno" });
    await api.ask("file.delete", { path: "uno" });
    expect(existsSync(at("uno"))).toBe(false);
    await expect(api.ask("file.delete", { path: "uno" })).rejects.toMatchObject({ code: "not_found" });
    await write("kept", "second version");
    const stale = api.ask("file.delete", { path: "kept", ifMatch: etagOf("first version") });
    await expect(stale).rejects.toMatchObject({ code: "precondition_failed" });
    expect(readFileSync(at("kept"), "utf8")).toBe("second version");
    await api.ask("file.delete", { path: "kept", ifMatch: etagOf("second version") });
    expect(existsSync(at("kept"))).toBe(false);
    await expect(api.ask("file.make-directory", { path: "taken/d" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("finding", () => {
  beforeAll(async () => {
    await write("find/src/components/user-card.tsx", "export const needle = 1;\nconst NEEDLE = needles;\n");
    await write("find/src/user.ts", "no\tneédle here: ümlaut needle\n");
    await write("find/.gitignore", "ignored/\n");
    await write("find/ignored/needle.txt", "needle");
  });

  it("offers files whose letters fit, best first, and forgets those that are gone", async () => {
    const find = async (query: string) => (await api.ask("file.find", { query, limit: 10 })).paths;
    expect((await find("user.ts"))[0]).toBe("find/src/user.ts");
    expect((await find("usrcard"))[0]).toBe("find/src/components/user-card.tsx");
    expect(await find("needle.txt")).toEqual([]);
    rmSync(at("find/src/user.ts"));
    await eventually(async () => expect(await find("user.ts")).not.toContain("find/src/user.ts"));
    await write("find/src/user.ts", "no\tneédle here: ümlaut needle\n");
  });

  const search = (
    query: string,
    flags: Partial<Record<"regex" | "caseSensitive" | "wholeWord", boolean>> = {},
  ) =>
    api.ask("file.search", {
      query,
      regex: false,
      caseSensitive: false,
      wholeWord: false,
      limit: 100,
      ...flags,
    });

  it("searches text as it is asked to, and counts columns in characters", async () => {
    const { matches } = await search("needle");
    expect(matches.length).toBe(4);
    expect(matches.find(({ path }) => path.endsWith("user.ts"))).toMatchObject({
      line: 1,
      column: 24,
      length: 6,
    });
    expect((await search("NEEDLE", { caseSensitive: true })).matches.length).toBe(1);
    expect((await search("needle", { wholeWord: true })).matches.length).toBe(3);
    expect((await search("need.es", { regex: true })).matches.length).toBe(1);
    expect((await search("need.es")).matches.length).toBe(0);
    expect((await search("-needle")).matches.length).toBe(0);
  });

  it("says what is wrong with a regular expression", async () => {
    await expect(search("(", { regex: true })).rejects.toMatchObject({ code: "bad_request" });
  });

  it("stops at the limit and says so", async () => {
    await write("find/many.txt", "hit\n".repeat(5000));
    const { matches, truncated } = await api.ask("file.search", {
      query: "hit",
      regex: false,
      caseSensitive: true,
      wholeWord: false,
      limit: 50,
    });
    expect(matches.length).toBe(50);
    expect(truncated).toBe(true);
  });
});

function trySymlink(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch {
    // Taken.
  }
}
