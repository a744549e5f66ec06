import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseGitTarget } from "./git-target.ts";
import { gitBackend } from "./testing/git-backend.ts";
import { ask, createHarness, type Harness, type Served, serve, type TestPlace } from "./testing/harness.ts";

const run = promisify(execFile);
let harness: Harness;
let place: TestPlace;
let gitHost: Served;
let door: Served;
let folder: string;
let seen: http.IncomingMessage[] = [];

const quiet = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", GIT_TERMINAL_PROMPT: "0" };
const git = (...args: string[]) => run("git", args, { cwd: folder, env: { ...process.env, ...quiet } });

beforeAll(async () => {
  harness = await createHarness();
  place = await harness.addPlace();
  folder = await mkdtemp(join(tmpdir(), "rc-git-"));
  await git("init", "-q", "-b", "main", "work");
  // Large enough for a POST in pieces, and for an answer in many.
  await writeFile(
    join(folder, "work", "file.txt"),
    Array.from({ length: 20_000 }, (_, n) => `line ${n * 7919}`).join("\n"),
  );
  await git("-C", "work", "add", ".");
  await git(
    "-C",
    "work",
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.org",
    "commit",
    "-q",
    "-m",
    "first",
  );
  await git("clone", "-q", "--bare", "work", "project.git");
  const server = http.createServer((request, response) => {
    seen.push(request);
    if (request.url?.startsWith("/private/"))
      response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    else if (request.url?.startsWith("/moved.git")) {
      const location = request.url.replace("/moved.git", `http://127.0.0.1:${gitHost.port}/project.git`);
      response.writeHead(301, { location }).end();
    } else if (request.url?.startsWith("/away.git")) {
      response
        .writeHead(301, { location: "https://evil.example/away.git/info/refs?service=git-upload-pack" })
        .end();
    } else gitBackend(folder, request, response);
  });
  gitHost = await serve(server);
  await harness.start({ EGRESS_ALLOWED_HOSTS: `127.0.0.1:${gitHost.port}` });
  door = await serve(
    net.createServer((socket) => void socket.pipe(net.connect(place.socketPath)).pipe(socket)),
  );
});
afterAll(async () => {
  await door.close();
  await harness.end();
  await gitHost.close();
  await rm(folder, { recursive: true, force: true });
});

const address = (path: string) => `http://127.0.0.1:${door.port}/git/127.0.0.1:${gitHost.port}${path}`;

it("a public repository is cloned by real git, whole", async () => {
  await git("clone", "-q", address("/project.git"), "cloned");
  const [there, here] = await Promise.all(
    ["work", "cloned"].map((name) => readFile(join(folder, name, "file.txt"), "utf8")),
  );
  expect(here).toBe(there);
  expect(seen.some(({ headers }) => headers["git-protocol"] === "version=2")).toBe(true);
});

it("nothing of the session's own goes along", async () => {
  seen = [];
  const path = `/git/127.0.0.1:${gitHost.port}/project.git/info/refs?service=git-upload-pack`;
  await ask(place.socketPath, {
    path,
    headers: { authorization: "Basic x", cookie: "a=b", "x-custom": "1" },
  });
  for (const name of ["authorization", "cookie", "x-custom"])
    expect(seen.at(-1)?.headers).not.toHaveProperty(name);
});

it("a private repository is called private, without a prompt for a password", async () => {
  await expect(git("clone", "-q", address("/private/x.git"), "no")).rejects.toThrow(
    /The repository 127\.0\.0\.1:\d+\/private\/x\.git is private or does not exist, and the owner of this session has stored no credential for .*Settings > Git accounts/,
  );
});

it("a redirect is followed within the host, and refused with the new address where it leads to another", async () => {
  await git("clone", "-q", address("/moved.git"), "moved");
  expect(await readFile(join(folder, "moved", "file.txt"), "utf8")).toContain("line 7919");
  await expect(git("clone", "-q", address("/away.git"), "away")).rejects.toThrow(
    /redirects to another host\. .* use its own address: https:\/\/evil\.example\/away\.git/,
  );
});

it("pushing without a credential is refused with the reason, before the host is asked", async () => {
  seen = [];
  await expect(git("-C", "cloned", "push", "-q", address("/project.git"), "main:other")).rejects.toThrow(
    /Pushing to 127\.0\.0\.1:\d+ needs a password, and the owner of this session has stored no credential/,
  );
  expect(seen).toHaveLength(0);
});

it("a repository that does not exist is git's own error", async () => {
  await expect(git("clone", "-q", address("/none.git"), "none")).rejects.toThrow(/not found|404/);
});

it("a host outside the policy is refused by name", async () => {
  await expect(
    git("clone", "-q", `http://127.0.0.1:${door.port}/git/evil.example/a/b.git`, "evil"),
  ).rejects.toThrow(/evil\.example is not on this installation's allowlist/);
});

it("nothing but the smart protocol is an address", () => {
  const good = parseGitTarget("GET", "/git/GitHub.com/a/b.git/info/refs?service=git-upload-pack");
  expect(good).toMatchObject({
    host: "github.com",
    port: 443,
    path: "/a/b.git/info/refs?service=git-upload-pack",
  });
  for (const [method, url] of [
    ["GET", "/git/github.com/a/b.git/info/refs"],
    ["POST", "/git/github.com/a/b.git/info/lfs/objects/batch"],
    ["GET", "/git/github.com/a/b.git/HEAD"],
    ["GET", "/git/github.com/a/b.git/objects/info/packs"],
    ["GET", "/git/github.com/info/refs?service=git-upload-pack"],
    ["GET", "/git/github.com/a/info/refs?service=git-upload-pack&x=1"],
    ["POST", "/git/github.com/a/b.git/info/refs?service=git-upload-pack"],
    ["POST", "/git/github.com/a/b.git/git-upload-archive"],
    ["GET", "/git/github.com/api/v3/user/repos?x=/info/refs?service=git-upload-pack"],
    ["POST", "/git/github.com/api/v1/user/keys?x=/git-upload-pack"],
    ["POST", "/git/github.com/a/b.git/info/%6cfs/objects/batch?x=/git-receive-pack"],
    ["PUT", "/git/github.com/a/b.git/git-upload-pack"],
    ["POST", "/git/github.com/../b.git/git-upload-pack"],
    ["POST", "/git/github.com/%2e%2e/b.git/git-upload-pack"],
    ["POST", "/git/github.com/a/..;/b.git/git-upload-pack"],
    ["POST", "/git/github.com/a%2f..%2fb.git/git-upload-pack"],
    ["POST", "/git/github.com/a%5C..%5Cb.git/git-upload-pack"],
    ["POST", "/git/a@github.com/b.git/git-upload-pack"],
    ["POST", "/git/github.com:99999/b.git/git-upload-pack"],
    ["POST", "/git//b.git/git-upload-pack"],
    ["POST", "/git/"],
  ] as const) {
    expect(parseGitTarget(method, url), `${method} ${url}`).toBeTypeOf("string");
  }
});
