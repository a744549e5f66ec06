import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { gitCredentialTicketSeal } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Egress } from "./egress.ts";
import { makeCertificate } from "./testing/certificate.ts";
import { gitBackend } from "./testing/git-backend.ts";
import { ask, createHarness, type Harness, type Served, serve, type TestPlace } from "./testing/harness.ts";

const run = promisify(execFile);
const token = "ghp_theTokenOfTheOwner0123456789";
const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

let harness: Harness;
let egress: Egress;
let place: TestPlace;
let host: Served;
let door: Served;
let folder: string;
/** What the host was asked, by whom. */
let seen: { url: string; authorization: string | undefined; bytes: number }[] = [];
/** As the credential is stored for. */
let authority = "";
let trusted: string[];

const quiet = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@example.org",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@example.org",
};
const git = (...args: string[]) =>
  run("git", args, { cwd: folder, env: { ...process.env, ...quiet }, maxBuffer: 64 * 1024 * 1024 });
const address = (path: string) => `http://127.0.0.1:${door.port}/git/${authority}${path}`;

/** A git host that lets `me` with the token in, and tells what else it is asked for, as git hosts do. */
function serveGit(): https.Server {
  return https.createServer(makeAndTrust("git.test"), (request, response) => {
    const { url = "", headers } = request;
    const asked = { url, authorization: headers.authorization, bytes: 0 };
    seen.push(asked);
    request.on("data", (chunk: Buffer) => {
      asked.bytes += chunk.length;
    });
    const say = (status: number, text: string, more: Record<string, string> = {}) => {
      request.resume();
      response.writeHead(status, { "content-type": "text/plain", ...more }).end(text);
    };
    if (url.startsWith("/moved.git")) {
      return say(301, "", { location: url.replace("/moved.git", "/project.git") });
    }
    if (url.startsWith("/away.git")) {
      return say(301, "", { location: `https://other.test:${host.port}${url}` });
    }
    if (headers.authorization !== basic("me", token)) {
      return say(401, "who?", { "www-authenticate": 'Basic realm="git"' });
    }
    if (url.startsWith("/readonly.git") && url.includes("receive-pack")) {
      return say(403, "Permission to readonly.git\ndenied to me.\n");
    }
    // Takes whatever comes, and does not answer.
    if (url.startsWith("/slow.git")) return;
    if (url.startsWith("/gone.git")) return say(404, "Repository not found.");
    gitBackend(folder, request, response);
  });
}

function makeAndTrust(...names: string[]) {
  const certificate = makeCertificate(...names);
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);
  return certificate;
}

beforeAll(async () => {
  trusted = tls.getCACertificates("default");
  harness = await createHarness();
  folder = await mkdtemp(join(tmpdir(), "rc-git-"));
  await git("init", "-q", "-b", "main", "work");
  await writeFile(join(folder, "work", "file.txt"), "first\n");
  await git("-C", "work", "add", ".");
  await git("-C", "work", "commit", "-q", "-m", "first");
  for (const name of ["project.git", "readonly.git"]) await git("clone", "-q", "--bare", "work", name);
  host = await serve(serveGit());
  authority = `git.test:${host.port}`;
  egress = await harness.start(
    { EGRESS_ALLOWED_HOSTS: `${authority},other.test:${host.port}` },
    { resolve: async () => ["127.0.0.1"] },
  );
});
beforeEach(async () => {
  place = await harness.addPlace();
  await vi.waitFor(() => expect(existsSync(place.socketPath)).toBe(true));
  door = await serve(
    net.createServer((socket) => void socket.pipe(net.connect(place.socketPath)).pipe(socket)),
  );
  seen = [];
});
afterEach(async () => {
  await door.close();
  await rm(join(folder, "cloned"), { recursive: true, force: true });
});
afterAll(async () => {
  await harness.end();
  await host.close();
  await rm(folder, { recursive: true, force: true });
  tls.setDefaultCACertificates(trusted);
});

const store = (username = "me", password = token, at = authority) =>
  harness.addGitCredential(place.userId, at, username, password);
const clone = (path = "/project.git") => git("clone", "-q", address(path), "cloned");

async function rowsOf(action: string) {
  await egress.flush();
  const rows = await harness.database.db.auditLog.findMany({
    where: { sessionId: place.sessionId, action },
    orderBy: { at: "asc" },
  });
  return rows.map(({ target, result, userId, details }) => ({ target, result, userId, details }));
}

describe("a private repository", () => {
  it("is cloned with the owner's credential, which the session never sees", async () => {
    await store();
    await clone();
    expect(await readFile(join(folder, "cloned", "file.txt"), "utf8")).toBe("first\n");
    expect(seen.every(({ authorization }) => authorization === basic("me", token))).toBe(true);
    const { stdout } = await git("-C", "cloned", "config", "--list");
    expect(stdout).not.toContain("ghp_");
    await vi.waitFor(async () => {
      const rows = await rowsOf("git.fetched");
      expect(rows).toMatchObject([
        {
          target: `${authority}/project.git`,
          userId: place.userId,
          result: "success",
          details: {
            host: "git.test",
            port: host.port,
            repository: "/project.git",
            credentialSent: true,
            count: 1,
          },
        },
      ]);
    });
    expect(JSON.stringify(await rowsOf("egress.allowed"))).not.toContain("ghp_");
    expect(harness.logged.join("")).not.toContain("ghp_");
    await vi.waitFor(async () => {
      const row = await harness.database.db.gitCredential.findFirst({ where: { userId: place.userId } });
      expect(row?.lastUsedAt).not.toBeNull();
    });
  });

  it("is not given one that the session itself sends, nor one of another person, host or port", async () => {
    const other = await harness.addPlace();
    await harness.addGitCredential(other.userId, authority, "me", token);
    await store("me", token, "git.test");
    await store("me", token, `other.test:${host.port}`);
    await expect(clone()).rejects.toThrow(/is private or does not exist, and the owner of this session/);
    const path = `/git/${authority}/project.git/info/refs?service=git-upload-pack`;
    const own = await ask(place.socketPath, { path, headers: { authorization: basic("me", token) } });
    expect(own.status).toBe(403);
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it("is refused with the place to mend it when the token is wrong, and its next request counts anew", async () => {
    await store("me", "wrong");
    await expect(clone()).rejects.toThrow(/does not accept the stored credential .*Settings > Git accounts/);
    await store();
    await clone();
    await harness.database.db.gitCredential.deleteMany({ where: { userId: place.userId } });
    await expect(git("-C", "cloned", "fetch")).rejects.toThrow(/has stored no credential/);
  });

  it("is not asked for with a credential that does not open", async () => {
    const other = await harness.addPlace();
    await harness.addGitCredential(other.userId, authority, "me", token);
    // The row is moved to another person, as who can write to the database might do.
    await harness.database.db.gitCredential.updateMany({
      where: { userId: other.userId },
      data: { userId: place.userId },
    });
    await expect(clone()).rejects.toThrow(/cannot be opened any more/);
    expect(seen).toEqual([]);
    await vi.waitFor(async () =>
      expect(await rowsOf("egress.refused")).toMatchObject([
        { details: { reason: "credential-does-not-open" } },
      ]),
    );
  });

  it("is served neither where there is no network access, nor when the owner's account is disabled", async () => {
    await store();
    const sealed = await harness.addPlace({ template: "unknown" });
    await harness.addGitCredential(sealed.userId, authority, "me", token);
    await vi.waitFor(() => expect(existsSync(sealed.socketPath)).toBe(true));
    const path = `/git/${authority}/project.git/info/refs?service=git-upload-pack`;
    expect((await ask(sealed.socketPath, { path })).text).toMatch(/no network access beyond Claude/);
    await harness.database.db.user.update({ where: { id: place.userId }, data: { status: "disabled" } });
    await vi.waitFor(async () => expect((await ask(place.socketPath, { path })).text).toMatch(/disabled/));
    seen = [];
    expect((await ask(place.socketPath, { path })).status).toBe(403);
    expect(seen).toEqual([]);
  });

  it("that the host does not know is the host's own word", async () => {
    await store();
    await expect(clone("/gone.git")).rejects.toThrow(/Repository not found/);
  });
});

describe("a redirect", () => {
  it("within the host is followed with the credential", async () => {
    await store();
    await clone("/moved.git");
    expect(seen.at(-1)?.authorization).toBe(basic("me", token));
  });

  it("to another host is not followed, and the credential does not go there", async () => {
    await store();
    await store("me", token, `other.test:${host.port}`);
    await expect(clone("/away.git")).rejects.toThrow(
      new RegExp(`redirects to another host.*https://other\\.test:${host.port}/away\\.git`),
    );
    expect(seen).toHaveLength(1);
  });
});

describe("a push", () => {
  const commit = async (name: string, content: string) => {
    await writeFile(join(folder, "cloned", name), content);
    await git("-C", "cloned", "add", ".");
    await git("-C", "cloned", "commit", "-q", "-m", name);
  };

  it("arrives, and is on record with what became of each ref", async () => {
    await store();
    await clone();
    await commit("pushed.txt", "pushed");
    await git("-C", "cloned", "push", "-q", "origin", "main", "HEAD:refs/heads/topic");
    expect((await git("-C", "project.git", "log", "--format=%s", "-1", "main")).stdout).toBe("pushed.txt\n");
    await git("-C", "cloned", "push", "-q", "origin", ":topic");
    await vi.waitFor(async () => {
      const refs = (await rowsOf("git.pushed")).flatMap(
        ({ details }) => (details as { refs: unknown[] }).refs,
      );
      expect(refs).toEqual([
        { ref: "refs/heads/main", change: "updated", refused: false },
        { ref: "refs/heads/topic", change: "created", refused: false },
        { ref: "refs/heads/topic", change: "deleted", refused: false },
      ]);
    });
  });

  it("is on record however it is written: compressed, in capitals, behind much that is no command", async () => {
    await store();
    const tip = (await git("-C", "project.git", "rev-parse", "main")).stdout.trim();
    await git("-C", "project.git", "branch", "hidden", "main");
    const packet = (line: string) => `${(line.length + 4).toString(16).padStart(4, "0")}${line}`;
    const shallow = packet(`shallow ${"1".repeat(40)}`).repeat(700);
    const command = packet(`${tip.toUpperCase()} ${"0".repeat(40)} refs/heads/hidden\0 report-status`);
    const answer = await ask(place.socketPath, {
      method: "POST",
      path: `/git/${authority}/project.git/git-receive-pack`,
      headers: { "content-type": "application/x-git-receive-pack-request", "content-encoding": "gzip" },
      body: gzipSync(`${shallow}${command}0000`),
    });
    expect(answer.text).toContain("ok refs/heads/hidden");
    await vi.waitFor(async () =>
      expect(await rowsOf("git.pushed")).toMatchObject([
        { result: "success", details: { refs: [{ ref: "refs/heads/hidden", change: "deleted" }] } },
      ]),
    );
  });

  it("that the host refuses is on record as refused", async () => {
    await store();
    await clone();
    await git("-C", "project.git", "config", "receive.denyDeletes", "true");
    await expect(git("-C", "cloned", "push", "-q", "origin", ":main")).rejects.toThrow(/remote rejected/);
    await vi.waitFor(async () =>
      expect(await rowsOf("git.pushed")).toMatchObject([
        {
          result: "refused",
          details: { refs: [{ ref: "refs/heads/main", change: "deleted", refused: true }] },
        },
      ]),
    );
  });

  it("of a large pack streams through, whole", async () => {
    await store();
    await clone();
    // Beyond git's own buffer: it is sent in chunks, of no announced length.
    await writeFile(join(folder, "cloned", "large.bin"), randomBytes(24 * 1024 * 1024));
    await git("-C", "cloned", "add", ".");
    await git("-C", "cloned", "commit", "-q", "-m", "large");
    await git("-C", "cloned", "push", "-q", "origin", "HEAD:refs/heads/large");
    const [here, there] = await Promise.all(
      ["cloned", "project.git"].map((name) =>
        git("-C", name, "rev-parse", name === "cloned" ? "HEAD" : "large"),
      ),
    );
    expect(there?.stdout).toBe(here?.stdout);
    expect((await git("-C", "project.git", "fsck", "--full")).stderr).not.toMatch(/error|missing/);
    await vi.waitFor(async () => {
      const [row] = await rowsOf("git.pushed");
      const { bytesSent = 0 } = (row?.details ?? {}) as { bytesSent?: number };
      expect(bytesSent).toBeGreaterThan(24 * 1024 * 1024);
    });
  });

  it("without the right to it says what the host says, and where another token can be stored", async () => {
    await store();
    await clone("/readonly.git");
    await commit("x.txt", "x");
    await expect(git("-C", "cloned", "push", "-q", "origin", "main")).rejects.toThrow(
      /accepts the stored credential, but not for pushing to \/readonly\.git \(Permission to readonly\.git denied to me\).*Settings > Git accounts/,
    );
  });

  it("whose answer nobody waits for is on record all the same", async () => {
    await store();
    const zero = "0".repeat(40);
    const line = `${zero} ${"1".repeat(40)} refs/heads/quick\0 report-status`;
    const command = `${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`;
    const socket = net.connect(place.socketPath);
    socket.on("error", () => undefined);
    const path = `/git/${authority}/slow.git/git-receive-pack`;
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    socket.write(`${command.length.toString(16)}\r\n${command}\r\n`);
    // The whole command, not only its head: what never arrived was not pushed.
    await vi.waitFor(() => expect(seen[0]?.bytes).toBe(command.length));
    socket.destroy();
    await vi.waitFor(async () =>
      expect(await rowsOf("git.pushed")).toMatchObject([
        { result: "failed", details: { answered: false, refs: [{ ref: "refs/heads/quick" }] } },
      ]),
    );
  });
});

describe("requests as git makes them", () => {
  it("are taken compressed, and when they wait for leave to send their body", async () => {
    await store();
    const path = `/git/${authority}/project.git/git-upload-pack`;
    const body = "0014command=ls-refs\n0000";
    const headers = {
      "git-protocol": "version=2",
      "content-type": "application/x-git-upload-pack-request",
      "content-encoding": "gzip",
      expect: "100-continue",
    };
    const answer = await ask(place.socketPath, { method: "POST", path, headers, body: gzipSync(body) });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("refs/heads/main");
  });

  it("fetch ten thousand objects", async () => {
    await store();
    const lines = ["blob\nmark :1\ndata 1\nx\n"];
    for (let n = 0; n < 3400; n += 1) {
      const content = String(n);
      lines.push(`blob\nmark :${n + 10}\ndata ${content.length}\n${content}\n`);
      const committer = `committer t <t@example.org> ${n + 1} +0000`;
      lines.push(`commit refs/heads/many\n${committer}\ndata 1\nc\nM 100644 :${n + 10} f${n % 50}\n\n`);
    }
    const importing = execFile("git", ["-C", "project.git", "fast-import", "--quiet"], { cwd: folder });
    importing.stdin?.end(lines.join(""));
    expect(await new Promise((resolve) => importing.once("exit", resolve))).toBe(0);
    await clone();
    const { stdout } = await git("-C", "cloned", "count-objects", "-v");
    expect(Number(/in-pack: (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(10_000);
    await git("-C", "project.git", "branch", "-q", "-D", "many");
  });
});

describe("the test of a credential", () => {
  const testing = async (repository: string | null, more: Record<string, unknown> = {}) => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const ticket = { userId: place.userId, host: authority, repository, expiresAt, ...more };
    const { bytes, keyId } = harness.sealer.seal(JSON.stringify(ticket), gitCredentialTicketSeal);
    return post({ keyId, ticket: Buffer.from(bytes).toString("base64url") });
  };
  const post = async (body: unknown) => {
    const response = await fetch(`http://127.0.0.1:${egress.port}/git-credentials/test`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { outcome: string; message: string } };
  };

  it("says whether the host accepts it", async () => {
    await store();
    expect((await testing(null)).body).toEqual({
      outcome: "accepted",
      message: `${authority} accepts this credential.`,
    });
    await store("me", "wrong");
    expect((await testing(null)).body).toMatchObject({
      outcome: "refused",
      message: expect.stringMatching(/expired or revoked/),
    });
  });

  it.each([
    ["project.git", "accepted", /can be read and pushed to/],
    ["readonly.git", "accepted", /can be read, but not pushed to/],
    ["gone.git", "unclear", /does not know gone\.git/],
    ["moved.git", "unclear", /answers 301/],
  ])("says what may be done with it in %s", async (repository, outcome, message) => {
    await store();
    expect((await testing(repository)).body).toEqual({ outcome, message: expect.stringMatching(message) });
  });

  it("says why a host cannot be asked", async () => {
    const closed = `closed.test:${host.port}`;
    await store("me", token, closed);
    expect((await testing(null, { host: closed })).body).toMatchObject({
      outcome: "unreachable",
      message: expect.stringMatching(/Sessions cannot reach .*not on this installation's allowlist/),
    });
    expect((await testing(null, { host: "none.test" })).body).toMatchObject({ outcome: "unreachable" });
    expect(seen).toEqual([]);
  });

  it("is made for nobody but the api, and not with an old ticket", async () => {
    await store();
    const old = await testing(null, { expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect(old.status).toBe(403);
    const ticket = Buffer.alloc(100).toString("base64url");
    expect((await post({ keyId: "k1", ticket })).status).toBe(403);
    expect((await post({ userId: place.userId, host: authority })).status).toBe(400);
    expect((await post("x".repeat(100_000))).status).toBe(400);
    expect(seen).toEqual([]);
  });
});
