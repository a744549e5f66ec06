import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Session } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Client, type Refused } from "./testing/client.ts";
import { GitServer } from "./testing/git-server.ts";
import { describeUnless, lacking } from "./testing/machine.ts";
import { Product } from "./testing/product.ts";
import { makeProject, type Project } from "./testing/project.ts";
import { Registry } from "./testing/registry.ts";

const unavailable = lacking("git", "tar", "zip");
let project: Project;
let repositories: string;
let git: GitServer;
const registry = new Registry();
let product: Product;
let client: Client;

beforeAll(async () => {
  if (unavailable !== null) return;
  repositories = await mkdtemp(join(tmpdir(), "rc-repositories-"));
  project = await makeProject();
  await project.makeRepository(join(repositories, "project.git"));
  git = new GitServer(repositories);
  await Promise.all([git.listen(), registry.listen()]);
  product = await Product.start({ allowedHosts: `${registry.host},${git.host}` });
  client = await Client.signIn(product);
});

afterAll(async () => {
  if (unavailable !== null) return;
  await product?.stop();
  await Promise.all([git?.close(), registry.close(), project?.remove()]);
  await rm(repositories, { recursive: true, force: true });
});

const run = (sessionId: string, command: string) =>
  client.call<{ stdout: string; stderr: string; exitCode: number }>(
    "POST",
    `/api/sessions/${sessionId}/execute`,
    {
      command,
      timeoutMs: 120_000,
    },
  );

/** Installs the project's packages from the stand-in, and runs its tests. */
async function installAndTest(sessionId: string): Promise<void> {
  const install = await run(
    sessionId,
    `npm config set registry ${registry.url} && npm install --no-audit --no-fund`,
  );
  expect(install, install.stderr).toMatchObject({ exitCode: 0 });
  const tests = await run(sessionId, "npx tape 'test/*.js'");
  expect(tests.exitCode, tests.stdout.slice(-2000)).toBe(0);
  expect(tests.stdout).toMatch(/# pass +\d{2,}/);
  expect(tests.stdout).not.toMatch(/^not ok/m);
}

const audited = async (sessionId: string, target: string) =>
  (await product.database()).auditLog.count({ where: { sessionId, target, action: "egress.allowed" } });

describeUnless(unavailable, "a project cloned from a git host", () => {
  it("is there with its history, installs from a listed registry, and its tests pass", async () => {
    const repositoryUrl = `http://${git.host}/project.git`;
    const { id } = await client.createSession({ name: "Cloned", repositoryUrl });
    const { stdout } = await run(
      id,
      "git log --oneline --all && git status --short && git config remote.origin.url",
    );
    expect(stdout).toContain("As it was published");
    expect(stdout).toContain(repositoryUrl);
    await installAndTest(id);
    await expect.poll(() => audited(id, registry.host), { timeout: 15_000 }).toBeGreaterThan(0);
    expect(await audited(id, git.host)).toBeGreaterThan(0);
    // In the shell too, where people type it.
    const again = await run(id, `git clone --quiet ${repositoryUrl} /tmp/again && ls /tmp/again/index.js`);
    expect(again.stdout).toBe("/tmp/again/index.js\n");
  });

  it("starts on the branch that was asked for", async () => {
    const repositoryUrl = `http://${git.host}/project.git`;
    const { id, branch } = await client.createSession({ name: "Branch", repositoryUrl, branch: "next" });
    expect(branch).toBe("next");
    expect((await run(id, "git branch --show-current && cat NEXT.md")).stdout).toBe(
      "next\nWhat comes next.\n",
    );
  });
});

describeUnless(unavailable, "a project uploaded as an archive", () => {
  it.each(["tar.gz", "zip"] as const)("of kind %s is unpacked, and its tests pass", async (kind) => {
    const form = new FormData();
    form.set("name", `From a ${kind}`);
    form.set("archive", new Blob([new Uint8Array(await project.makeArchive(kind))]), `minimist.${kind}`);
    const response = await client.fetch("/api/sessions", { method: "POST", body: form });
    expect(response.status).toBe(201);
    const { session } = (await response.json()) as { session: Session };
    await client.untilState(session.id, "running");
    await installAndTest(session.id);
  });
});

describeUnless(unavailable, "what cannot be cloned", () => {
  /** Waits for the session to fail, sees that it can be deleted, and returns it. */
  async function failing(body: Record<string, unknown>): Promise<Session> {
    const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", {
      name: "Fails",
      ...body,
    });
    const failed = await expect
      .poll(
        async () => (await client.call<{ session: Session }>("GET", `/api/sessions/${session.id}`)).session,
        {
          timeout: 60_000,
        },
      )
      .toMatchObject({ state: "failed" })
      .then(() => client.call<{ session: Session }>("GET", `/api/sessions/${session.id}`));
    await client.call("DELETE", `/api/sessions/${session.id}`);
    await expect
      .poll(() => client.call("GET", `/api/sessions/${session.id}`).catch(({ code }: Refused) => code))
      .toBe("not_found");
    return failed.session;
  }

  it.each([
    [
      "a repository that does not exist",
      () => ({ repositoryUrl: `http://${git.host}/nothing.git` }),
      /no such repository.*git: .*not found/s,
    ],
    [
      "one that needs a password",
      () => ({ repositoryUrl: `http://${git.host}/private/x.git` }),
      /password|refuses access.*git: .*403/s,
    ],
    [
      "a branch that does not exist",
      () => ({ repositoryUrl: `http://${git.host}/project.git`, branch: "none" }),
      /no such branch.*git: .*none/s,
    ],
    [
      "a host that is not listed",
      () => ({ repositoryUrl: "https://unlisted.example/x.git" }),
      /policy.*git: .*unlisted\.example/s,
    ],
    [
      "ssh to a host that is not listed",
      () => ({ repositoryUrl: "ssh://git@unlisted.example/x.git" }),
      /policy.*git: .*unlisted\.example/s,
    ],
    [
      "an scp-like address of such a host",
      () => ({ repositoryUrl: "git@unlisted.example:x/y.git" }),
      /git: .*unlisted\.example/s,
    ],
    [
      "an option in the place of an ssh host",
      () => ({ repositoryUrl: "ssh://git@-oProxyCommand=touch$(:)/workspace/pwned/x" }),
      /git: /,
    ],
    [
      "this product itself",
      () => ({ repositoryUrl: `${product.url.replace("localhost", "127.0.0.1")}/x.git` }),
      /policy.*git: /s,
    ],
  ])("%s fails with a sentence and git's own words", async (_, body, message) => {
    const failed = await failing(body());
    expect(failed.stopReason).toBe("clone-failed");
    expect(failed.stateMessage).toMatch(message);
  });

  it.each([
    "file:///etc",
    "/etc",
    "ext::sh -c touch% /tmp/pwned",
    "ext::sh",
    "-oProxyCommand=touch /tmp/pwned",
    "--upload-pack=touch /tmp/pwned",
    "ssh://-oProxyCommand=x/y",
    "git@-oProxyCommand=x y:z",
    "fd::17/foo",
    "git://example.org/x.git",
    "ftp://example.org/x.git",
    "https://user:password@example.org/x.git",
    "https://example.org/x.git\nfile:///etc",
    "http://",
    "",
    "javascript:alert(1)",
    `https://example.org/${"x".repeat(3000)}`,
  ])("the address %j is refused at the door", async (repositoryUrl) => {
    const refused = client.call("POST", "/api/sessions", { name: "Refused", repositoryUrl });
    await expect(refused).rejects.toMatchObject({ code: "bad_request", status: 400 });
    await expect(refused).rejects.toThrow(/repositoryUrl/);
  });

  it.each(["--upload-pack=touch /tmp/pwned", "-x", "a b", "a..b~1", "x:y", ""])(
    "the branch %j is refused at the door",
    async (branch) => {
      const repositoryUrl = `http://${git.host}/project.git`;
      await expect(
        client.call("POST", "/api/sessions", { name: "x", repositoryUrl, branch }),
      ).rejects.toMatchObject({
        code: "bad_request",
        status: 400,
      });
    },
  );

  it("leaves no session behind", async () => {
    const { sessions } = await client.call<{ sessions: Session[] }>("GET", "/api/sessions");
    expect(sessions.filter(({ name }) => /Fails|Refused/.test(name))).toEqual([]);
  });
});
