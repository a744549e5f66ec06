import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { serveEgress } from "../testing/egress-stand-in.ts";
import { eventually, isRunning } from "../testing/eventually.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
let api: TestApi;
let egress: Server;
const repositories = join(place.directory, "repositories");

function git(cwd: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=Ada",
    "-c",
    "user.email=ada@example.org",
    "-c",
    "init.defaultBranch=main",
  ];
  return execFileSync("git", [...identity, ...args], { cwd, encoding: "utf8" });
}

function makeRepository(): void {
  const source = join(place.directory, "source");
  mkdirSync(source);
  mkdirSync(join(repositories, "team"), { recursive: true });
  git(source, "init", "-q");
  writeFileSync(join(source, "readme.md"), "hello\n");
  git(source, "add", ".");
  git(source, "commit", "-qm", "first");
  git(source, "branch", "other");
  git(place.directory, "clone", "-q", "--bare", "source", join(repositories, "team/project.git"));
}

beforeAll(async () => {
  makeRepository();
  egress = await serveEgress(join(place.in, "egress.sock"), repositories);
  await place.start();
  api = await TestApi.connect(place);
});
afterEach(() => {
  for (const name of readdirSync(place.workspace)) rmSync(join(place.workspace, name), { recursive: true });
});
afterAll(async () => {
  api.close();
  egress.close();
  await place.remove();
});

const execute = (
  command: string,
  options: { timeoutMs?: number; cwd?: string; env?: Record<string, string> } = {},
) => api.ask("workspace.execute", { command, ...options });

describe("a command that is cancelled", () => {
  it("is killed with all that it started, and its id may be used once at a time", async () => {
    const executionId = randomUUID();
    const command = "sh -c 'echo $PPID $$ > pids; sleep 1000' & wait";
    const asked = api.ask("workspace.execute", { command, executionId });
    const pidsFile = join(place.workspace, "pids");
    const read = () =>
      existsSync(pidsFile) ? readFileSync(pidsFile, "utf8").trim().split(" ").map(Number) : [];
    await eventually(() => expect(read()).toHaveLength(2));
    const pids = read();
    await expect(api.ask("workspace.execute", { command: "true", executionId })).rejects.toMatchObject({
      code: "conflict",
    });
    await api.ask("workspace.cancel", { executionId: randomUUID() });
    await api.ask("workspace.cancel", { executionId });
    expect(await asked).toMatchObject({ exitCode: null });
    await eventually(() => expect(pids.filter(isRunning)).toEqual([]));
    await api.ask("workspace.cancel", { executionId });
    expect((await api.ask("workspace.activity", {})).commands).toBe(0);
  });
});

describe("a clone", () => {
  it.each([
    "https://git.example/team/project.git",
    "http://git.example/team/project.git",
    "ssh://git@git.example/team/project.git",
    "git@git.example:team/project.git",
  ])("of %s goes through egress, and keeps its own address", async (url) => {
    await api.ask("workspace.clone", { url });
    expect(readFileSync(join(place.workspace, "readme.md"), "utf8")).toBe("hello\n");
    expect(git(place.workspace, "config", "remote.origin.url").trim()).toBe(url);
    const { git: status } = await api.ask("workspace.status", {});
    expect(status).toMatchObject({ branch: "main", ahead: 0, behind: 0, changes: [] });
    expect(
      (await execute("git fetch origin && git push --dry-run origin HEAD:x 2>&1 | head -1")).exitCode,
    ).toBe(0);
  });

  it("takes the branch it is asked for", async () => {
    await api.ask("workspace.clone", { url: "https://git.example/team/project.git", branch: "other" });
    expect((await api.ask("workspace.status", {})).git?.branch).toBe("other");
  });

  it.each([
    ["file:///etc", /begins with/],
    ["ext::sh -c touch% /tmp/rc-pwned", /begins with/],
    ["https://user:password@git.example/team/project.git", /no password/],
    ["--upload-pack=touch /tmp/rc-pwned", /begins with/],
    ["/etc", /begins with/],
    ["git://git.example/x", /begins with/],
    ["https://git.example/team/missing.git", /no such repository|does not exist/],
    ["https://private.example/x.git", /needs a password/],
    ["https://forbidden.example/x.git", /refuses access/],
    ["https://unknown.example/x.git", /unknown/],
  ])("of %s is refused with a reason, and leaves the workspace empty", async (url, reason) => {
    await expect(api.ask("workspace.clone", { url })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringMatching(reason),
    });
    expect(readdirSync(place.workspace)).toEqual([]);
  });

  it("of a branch that is none, or into a workspace in use, is refused", async () => {
    const url = "https://git.example/team/project.git";
    await expect(api.ask("workspace.clone", { url, branch: "none" })).rejects.toMatchObject({
      message: expect.stringMatching(/no such branch/),
    });
    await expect(api.ask("workspace.clone", { url, branch: "--bad" })).rejects.toMatchObject({
      code: "bad_request",
    });
    writeFileSync(join(place.workspace, "mine"), "");
    await expect(api.ask("workspace.clone", { url })).rejects.toMatchObject({ code: "conflict" });
    expect(readdirSync(place.workspace)).toEqual(["mine"]);
  });
});

it("tells what to do about an address that would need ssh", async () => {
  const { stderr } = await execute("git ls-remote git@unheard-of.example:team/project.git");
  expect(stderr).toMatch(
    /git config --global url\.http:\/\/127\.0\.0\.1:\d+\/git\/unheard-of\.example\/\.insteadOf/,
  );
});

describe("the status", () => {
  it("tells what changed, names with blanks and renames included", async () => {
    await api.ask("workspace.clone", { url: "https://git.example/team/project.git" });
    writeFileSync(join(place.workspace, "new file"), "");
    git(place.workspace, "mv", "readme.md", "read me.md");
    const status = (await api.ask("workspace.status", {})).git;
    expect(status?.changes).toEqual([
      { path: "read me.md", status: "renamed" },
      { path: "new file", status: "untracked" },
    ]);
  });

  it("is nothing where there is no repository", async () => {
    expect(await api.ask("workspace.status", {})).toEqual({ git: null });
  });
});

describe("snapshots", () => {
  it("make a patch of what was done in between", async () => {
    writeFileSync(join(place.workspace, ".gitignore"), "ignored\n");
    writeFileSync(join(place.workspace, "a"), "one\n");
    const { snapshot: from } = await api.ask("workspace.snapshot", {});
    writeFileSync(join(place.workspace, "a"), "two\n");
    writeFileSync(join(place.workspace, "ignored"), "x");
    const { snapshot: to } = await api.ask("workspace.snapshot", {});
    const snapshots = { from: from ?? "", to: to ?? "" };
    const patch = (await api.download({ direction: "patch", path: "", snapshots })).toString("utf8");
    expect(patch).toContain("-one\n+two\n");
    expect(patch).not.toContain("ignored");
    expect(readdirSync(place.workspace).sort()).toEqual([".gitignore", "a", "ignored"]);
    const unknown = { from: "0".repeat(40), to: to ?? "" };
    await expect(api.download({ direction: "patch", path: "", snapshots: unknown })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("a command", () => {
  it("runs in the workspace, with what it is given", async () => {
    mkdirSync(join(place.workspace, "sub"));
    const result = await execute("pwd; echo $WHAT; echo oops >&2; exit 3", {
      cwd: "sub",
      env: { WHAT: "this" },
    });
    expect(result).toEqual({
      stdout: `${join(place.workspace, "sub")}\nthis\n`,
      stderr: "oops\n",
      exitCode: 3,
      truncated: false,
    });
    expect((await execute("kill -9 $$")).exitCode).toBeNull();
  });

  it("that takes too long is killed with all it has started", async () => {
    const began = execute("echo begun; (sleep 1000; true) & echo $! > pid; sleep 1000", { timeoutMs: 500 });
    await expect(began).rejects.toMatchObject({ code: "timeout", details: { stdout: "begun\n" } });
    const child = Number(readFileSync(join(place.workspace, "pid"), "utf8"));
    await eventually(() => expect(isRunning(child)).toBe(false));
  });

  it("that leaves something running does not keep its caller waiting", async () => {
    const { stdout } = await execute("sleep 1000 & echo $!", { timeoutMs: 20_000 });
    process.kill(Number(stdout), "SIGKILL");
  });

  it("has its output cut at a megabyte, however it is made up", async () => {
    const letters = await execute("head -c 5000000 /dev/zero | tr '\\0' x");
    expect(letters).toMatchObject({ exitCode: 0, truncated: true });
    expect(letters.stdout.length).toBe(1024 * 1024);
    const zeros = await execute("head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2");
    expect(zeros).toMatchObject({ exitCode: 0, truncated: true });
    expect(zeros.stdout.length).toBeGreaterThan(100_000);
  });
});

describe("the way out", () => {
  it("is a loopback port that http clients find by themselves", async () => {
    const { stdout } = await execute(
      `node -e 'require("http").get("http://some.example/path", (r) => r.pipe(process.stdout))'`,
    );
    expect(stdout).toBe("GET http://some.example/path");
  });
});

it("measures what workspace and home take", async () => {
  expect((await api.ask("workspace.size", {})).bytes).toBeGreaterThan(0);
});
