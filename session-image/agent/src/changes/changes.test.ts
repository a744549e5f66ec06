import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ChangeBase, ChangeSide } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
const base: ChangeBase = { kind: "commit" };
const author = { name: "Ada Lovelace", email: "ada@example.org" };
let api: TestApi;
// git is started often, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  await place.start();
  api = await TestApi.connect(place);
});
afterEach(() => {
  for (const name of readdirSync(place.workspace)) rmSync(join(place.workspace, name), { recursive: true });
});
afterAll(async () => {
  api.close();
  await place.remove();
});

const at = (path: string) => join(place.workspace, path);
const write = (path: string, content: string | Buffer) => writeFileSync(at(path), content);
const content = (path: string) => readFileSync(at(path), "utf8");

function git(...args: string[]): string {
  const identity = ["-c", "user.name=Bob", "-c", "user.email=bob@example.org"];
  return execFileSync("git", [...identity, ...args], { cwd: place.workspace, encoding: "utf8" });
}

function makeRepository(files: Record<string, string | Buffer>): void {
  git("init", "-q", "-b", "main");
  for (const [path, text] of Object.entries(files)) write(path, text);
  git("add", "--all");
  git("commit", "-qm", "first");
}

const list = () => api.ask("changes.list", { base });
const read = (path: string, from: string | null = null) => api.ask("changes.read", { base, path, from });
const etagOf = (side: ChangeSide) => ("etag" in side ? side.etag : null);

async function revert(
  path: string,
  hunk: Parameters<typeof api.ask<"changes.revert">>[1]["hunk"] = null,
  from: string | null = null,
) {
  const { original, current } = await read(path, from);
  return api.ask("changes.revert", {
    base,
    path,
    from,
    originalEtag: etagOf(original),
    currentEtag: etagOf(current),
    hunk,
  });
}

describe("changes since the last commit", () => {
  it("are none without a repository, which can be made", async () => {
    write("a.txt", "a\n");
    expect(await list()).toMatchObject({ repository: null, gitAvailable: true, files: [] });
    await api.ask("changes.init", {});
    await api.ask("changes.init", {});
    expect(await list()).toMatchObject({
      repository: { branch: "main", hasCommits: false },
      files: [{ path: "a.txt", status: "added", added: 1, removed: 0 }],
    });
  });

  it("tell added, modified, deleted and renamed files with their lines, and touch no index", async () => {
    const long = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join("");
    makeRepository({ "mod.txt": "one\ntwo\nthree", "gone.txt": "x\n", "old name.txt": long, same: "s" });
    const index = readFileSync(at(".git/index"));
    write("mod.txt", "one\r\nTWO\nthree");
    rmSync(at("gone.txt"));
    renameSync(at("old name.txt"), at("new\nname.txt"));
    write("bytes.bin", Buffer.from([0, 1, 2]));
    mkdirSync(at("deep/er"), { recursive: true });
    write("deep/er/ü*.txt", "new");
    write(".gitignore", "ignored\n");
    write("ignored", "x");
    const { files, truncated, repository } = await list();
    expect(truncated).toBe(false);
    expect(repository).toEqual({ branch: "main", author: null, hasCommits: true });
    expect(files).toEqual([
      { path: ".gitignore", from: null, status: "added", added: 1, removed: 0 },
      { path: "bytes.bin", from: null, status: "added", added: null, removed: null },
      { path: "deep/er/ü*.txt", from: null, status: "added", added: 1, removed: 0 },
      { path: "gone.txt", from: null, status: "deleted", added: 0, removed: 1 },
      { path: "mod.txt", from: null, status: "modified", added: 2, removed: 2 },
      { path: "new\nname.txt", from: "old name.txt", status: "renamed", added: 0, removed: 0 },
    ]);
    expect(readFileSync(at(".git/index")).equals(index)).toBe(true);
    expect(await read("new\nname.txt", "old name.txt")).toMatchObject({
      original: { kind: "text", text: long },
      current: { kind: "text", text: long },
    });
    expect(await read("bytes.bin")).toMatchObject({
      original: { kind: "missing" },
      current: { kind: "binary", size: 3 },
    });
  });

  it("see what is staged, and a conflict as one", async () => {
    makeRepository({ "a.txt": "base\n" });
    git("checkout", "-qb", "other");
    write("a.txt", "theirs\n");
    git("commit", "-qam", "theirs");
    git("checkout", "-q", "main");
    write("a.txt", "ours\n");
    git("commit", "-qam", "ours");
    expect(() => git("merge", "-q", "other")).toThrow();
    write("staged.txt", "s\n");
    git("add", "staged.txt");
    const { files } = await list();
    expect(files.map(({ path, status }) => [path, status])).toEqual([
      ["a.txt", "conflicted"],
      ["staged.txt", "added"],
    ]);
  });

  it("are told of a thousand files, and of ones too large or no files at all", async () => {
    makeRepository({ "big.txt": "small\n" });
    for (let count = 0; count < 1_000; count++) write(`file-${count}.txt`, `${count}\n`);
    write("big.txt", "x".repeat(2 * 1024 * 1024));
    symlinkSync("/etc/passwd", at("link"));
    expect((await list()).files).toHaveLength(1_002);
    expect(await read("big.txt")).toMatchObject({ current: { kind: "large", size: 2 * 1024 * 1024 } });
    expect(await read("link")).toMatchObject({ current: { kind: "other", what: "a link to /etc/passwd" } });
    await expect(api.ask("changes.read", { base, path: "../x", from: null })).rejects.toMatchObject({
      code: "bad_request",
    });
  });
});

describe("a revert", () => {
  it("puts one hunk back byte for byte, with its line ends and without a newline at the end", async () => {
    makeRepository({ "a.txt": "1\r\n2\r\n3\r\nlast" });
    write("a.txt", "1\r\nTWO\r\n3\r\nlast\r\nmore\r\n");
    await revert("a.txt", { original: { start: 3, count: 1 }, current: { start: 3, count: 2 } });
    expect(content("a.txt")).toBe("1\r\nTWO\r\n3\r\nlast");
    await revert("a.txt", { original: { start: 1, count: 1 }, current: { start: 1, count: 1 } });
    expect(content("a.txt")).toBe("1\r\n2\r\n3\r\nlast");
  });

  it("is refused when the file has moved on, and leaves it alone", async () => {
    makeRepository({ "a.txt": "1\n2\n" });
    write("a.txt", "1\nTWO\n");
    const { original, current } = await read("a.txt");
    write("a.txt", "0\n1\nTWO\n");
    const asked = {
      base,
      path: "a.txt",
      from: null,
      originalEtag: etagOf(original),
      currentEtag: etagOf(current),
      hunk: { original: { start: 1, count: 1 }, current: { start: 1, count: 1 } },
    };
    await expect(api.ask("changes.revert", asked)).rejects.toMatchObject({ code: "precondition_failed" });
    expect(content("a.txt")).toBe("0\n1\nTWO\n");
    await expect(revert("a.txt", { ...asked.hunk, current: { start: 2, count: 9 } })).rejects.toMatchObject({
      code: "bad_request",
    });
  });

  it("of a whole file brings back what was deleted or renamed, and removes what is new", async () => {
    makeRepository({ "run.sh": "#!/bin/sh\n", "old.txt": "a\nb\nc\nd\n", "bytes.bin": Buffer.from([0, 1]) });
    chmodSync(at("run.sh"), 0o755);
    git("commit", "-qam", "executable");
    rmSync(at("run.sh"));
    renameSync(at("old.txt"), at("new.txt"));
    write("bytes.bin", Buffer.from([0, 2]));
    write("extra.txt", "x");
    await revert("run.sh");
    await revert("new.txt", null, "old.txt");
    await revert("bytes.bin");
    await revert("extra.txt");
    expect((await list()).files).toEqual([]);
    expect(statSync(at("run.sh")).mode & 0o100).toBe(0o100);
    expect(existsSync(at("new.txt"))).toBe(false);
  });

  it("does not follow a link that has taken the file's place", async () => {
    makeRepository({ "a.txt": "1\n" });
    rmSync(at("a.txt"));
    symlinkSync(join(place.home, "elsewhere"), at("a.txt"));
    await expect(revert("a.txt")).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("a commit", () => {
  it("takes the files that were chosen, in the person's name, and leaves the others", async () => {
    makeRepository({ "a.txt": "1\n", "b.txt": "1\n", "gone.txt": "1\n" });
    write("a.txt", "2\n");
    write("b.txt", "2\n");
    write("new*.txt", "n\n");
    rmSync(at("gone.txt"));
    const paths = ["a.txt", "new*.txt", "gone.txt"];
    const { commit } = await api.ask("changes.commit", { message: "Change a\n\nWhy.", author, paths });
    expect(git("rev-parse", "HEAD").trim()).toBe(commit);
    expect(git("log", "-1", "--format=%an %ae %cn%n%B").trim()).toBe(
      "Ada Lovelace ada@example.org Ada Lovelace\nChange a\n\nWhy.",
    );
    expect((await list()).files.map(({ path }) => path)).toEqual(["b.txt"]);
  });

  it("takes everything, in a new repository too", async () => {
    await api.ask("changes.init", {});
    write("a.txt", "1\n");
    await api.ask("changes.commit", { message: "First", author, paths: null });
    expect((await list()).files).toEqual([]);
  });

  it("heeds hooks, and says what they said", async () => {
    makeRepository({ "a.txt": "1\n" });
    write(".git/hooks/pre-commit", "#!/bin/sh\necho 'tests fail: 3 of 7' >&2\nexit 1\n");
    chmodSync(at(".git/hooks/pre-commit"), 0o755);
    appendFileSync(at("a.txt"), "2\n");
    await expect(
      api.ask("changes.commit", { message: "Not yet", author, paths: null }),
    ).rejects.toMatchObject({ code: "bad_request", details: { output: "tests fail: 3 of 7" } });
    expect(git("log", "--format=%s").trim()).toBe("first");
  });

  it("is refused without a repository, and with nothing to commit", async () => {
    const asked = { message: "x", author, paths: null };
    await expect(api.ask("changes.commit", asked)).rejects.toMatchObject({ code: "conflict" });
    makeRepository({ "a.txt": "1\n" });
    await expect(api.ask("changes.commit", asked)).rejects.toMatchObject({ code: "bad_request" });
  });
});
