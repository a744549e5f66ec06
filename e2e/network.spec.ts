import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Session } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "./testing/browser.ts";
import { Client, type Refused } from "./testing/client.ts";
import { GitServer } from "./testing/git-server.ts";
import { describeUnless, lacking } from "./testing/machine.ts";
import { Product } from "./testing/product.ts";
import { makeProject, type Project } from "./testing/project.ts";
import { Registry } from "./testing/registry.ts";
import { gitUser, itLetsToolsOut, Outside, runInside, storeGitToken } from "./testing/ways-out.ts";

const unavailable = lacking("git", "tar", "zip");
let project: Project;
let repositories: string;
let git: GitServer;
const registry = new Registry();
const outside = new Outside();
let product: Product;
let client: Client;

const kindsOfSessions = `templates:
  - name: sealed
    egress: { policy: none }
  - name: open
    egress: { policy: open }
  - name: listed
    egress: { policy: proxy, hosts: ["*.wild.example", "one.example", "one.example:8443"] }
`;

beforeAll(async () => {
  if (unavailable !== null) return;
  repositories = await mkdtemp(join(tmpdir(), "rc-repositories-"));
  project = await makeProject();
  await project.makeRepository(join(repositories, "project.git"));
  git = new GitServer(repositories);
  await Promise.all([git.listen(), registry.listen(), outside.open(project)]);
  const templates = join(repositories, "templates.yaml");
  await writeFile(templates, kindsOfSessions);
  product = await Product.start({
    allowedHosts: `${registry.host},${git.host},${outside.hosts}`,
    environment: { ...outside.environment, TEMPLATES_FILE: templates },
  });
  client = await Client.signIn(product);
});

afterAll(async () => {
  if (unavailable !== null) return;
  await product?.stop();
  await Promise.all([git?.close(), registry.close(), outside.close(), project?.remove()]);
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

describeUnless(unavailable ?? lacking("python3", "pip", "curl", "wget"), "the tools in a session", () => {
  let sessionId: string;
  beforeAll(async () => {
    sessionId = (await client.createSession({ name: "Tools" })).id;
  });
  itLetsToolsOut(outside, () => ({ client, product, sessionId }));
});

describeUnless(unavailable, "a session from a private repository", () => {
  const repositoryUrl = () => `https://${outside.git.host}/private/project.git`;
  const removeToken = () =>
    client.call("DELETE", `/api/git-credentials/${encodeURIComponent(outside.git.host)}`).catch(() => null);

  it("says where a token can be stored, and clones when it is", async () => {
    await removeToken();
    const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", {
      name: "Private",
      repositoryUrl: repositoryUrl(),
    });
    const path = `/api/sessions/${session.id}`;
    const now = async () => (await client.call<{ session: Session }>("GET", path)).session;
    await expect.poll(now, { timeout: 60_000 }).toMatchObject({
      state: "failed",
      stopReason: "clone-failed",
      stateMessage: expect.stringMatching(/needs a password .*Settings > Git accounts/s),
    });
    await storeGitToken(client, outside.git.host);
    await client.call("POST", `${path}/resume`);
    await client.untilState(session.id, "running");
    const { stdout } = await runInside(
      { client, sessionId: session.id },
      "git log --format=%s -1; cat .git/config",
    );
    expect(stdout).toContain("As it was published");
    expect(stdout).not.toContain(gitUser.token);
    await client.call("DELETE", path);
  });

  it("leads from its page to the token that it lacks, and goes on with it", async () => {
    await removeToken();
    const body = { name: "In the page", repositoryUrl: repositoryUrl() };
    const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", body);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(product.link);
      await page.getByRole("button", { name: "New session" }).first().waitFor();
      await page.goto(`${product.url}/sessions/${session.id}`);
      await page.getByRole("link", { name: "Git accounts" }).click();
      await expect.poll(() => page.getByLabel("Name of the host").inputValue()).toBe(outside.git.host);
      await page.getByLabel("User name").fill(gitUser.name);
      await page.getByLabel("Token", { exact: true }).fill(gitUser.token);
      await page.getByRole("button", { name: "Store and test" }).click();
      await page.getByLabel("Repository").fill(repositoryUrl());
      await page.getByRole("button", { name: "Test again" }).click();
      await page.getByText("private/project.git can be read and pushed to").waitFor();
      await page.getByRole("button", { name: "Close" }).first().click();
      const accounts = page.getByRole("region", { name: "Git accounts" });
      await accounts.getByText(gitUser.token.slice(-4)).waitFor();
      expect(await page.content()).not.toContain(gitUser.token);
      await page.goto(`${product.url}/sessions/${session.id}`);
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByRole("treeitem", { name: "index.js" }).waitFor({ timeout: 60_000 });
      await page.goto(`${product.url}/settings`);
      await accounts.getByRole("button", { name: "Remove" }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
      await accounts.getByText("You have stored no token").waitFor();
    } finally {
      await browser.close();
    }
    await client.call("DELETE", `/api/sessions/${session.id}`);
  });

  it("is tested by its host, in words", async () => {
    await storeGitToken(client, outside.git.host);
    const test = (body: object) =>
      client.call<{ outcome: string; message: string }>(
        "POST",
        `/api/git-credentials/${encodeURIComponent(outside.git.host)}/test`,
        body,
      );
    expect(await test({ repository: "private/project.git" })).toEqual({
      outcome: "accepted",
      message: `${outside.git.host} accepts it: private/project.git can be read and pushed to.`,
    });
    await storeGitToken(client, outside.git.host, "wrong-token-of-somebody");
    expect(await test({ repository: "private/project.git" })).toMatchObject({ outcome: "refused" });
    await removeToken();
  });
});

describeUnless(unavailable ?? lacking("curl"), "what a kind of session may reach", () => {
  /** What curl is told for each address, plain and by CONNECT alike. */
  async function answers(template: string, addresses: readonly string[]): Promise<string[]> {
    const { id } = await client.createSession({ name: `Kind ${template}`, template });
    const urls = addresses.map(
      (address) => `curl -sS --max-time 20 -v ${address} 2>&1 | grep -v '^[>*]' ; echo ----`,
    );
    const { stdout } = await runInside({ client, sessionId: id }, urls.join("; "));
    const refused = await (await product.database()).auditLog.findMany({
      where: { sessionId: id, action: "egress.refused" },
    });
    await client.call("DELETE", `/api/sessions/${id}`);
    for (const { result, details } of refused) {
      expect([result, details]).toEqual(["refused", expect.objectContaining({ host: expect.any(String) })]);
    }
    return stdout.split("----\n").slice(0, -1);
  }

  it("is nothing under `none`: no host of the installation's list, no git either", async () => {
    const { id } = await client.createSession({ name: "Sealed", template: "sealed" });
    const { said } = await runInside(
      { client, sessionId: id },
      `curl -sS ${registry.url}; git clone -q http://${git.host}/project.git /tmp/x; npm view tape --registry ${registry.url} --fetch-retries=0`,
    );
    expect(said).toMatch(/no network access beyond Claude, so 127\.0\.0\.2 cannot be reached/);
    expect(said).toMatch(/remote: Sessions of this kind have no network access/);
    expect(said).not.toMatch(/node_modules|tarball/);
    await client.call("DELETE", `/api/sessions/${id}`);
  });

  it("is what is listed under `proxy`: names, wildcards, ports", async () => {
    const listed = await answers("listed", [
      "http://a.b.wild.example/",
      "https://a.wild.example/",
      "http://wild.example/",
      "https://one.example:8443/",
      "https://one.example:9443/",
      "http://one.example:22/",
      "http://169.254.169.254/latest/meta-data/",
      "http://127.0.0.3/",
      "http://10.0.0.1/",
      "--proxytunnel http://one.example/",
    ]);
    // What passes the list is looked up; what is not on it is not even that.
    for (const passed of [0, 3]) expect(listed[passed], `${passed}`).toMatch(/could not be found|403/);
    expect(listed[0]).toMatch(/a\.b\.wild\.example could not be found/);
    expect(listed[1]).toMatch(/HTTP\/1\.1 403/);
    expect(listed[2]).toMatch(/wild\.example is not on this installation's allowlist/);
    expect(listed[5]).toMatch(/Port 22 of one\.example is not open to sessions/);
    for (const closed of [6, 7, 8]) expect(listed[closed], `${closed}`).toMatch(/leads to a private address/);
  });

  it("is every public host under `open`, and still nothing private", async () => {
    const open = await answers("open", [
      "http://any.example/",
      "http://any.example:8080/",
      "http://169.254.169.254/latest/meta-data/",
      "http://127.0.0.3/",
      "http://[::1]/ --globoff --noproxy ''",
      "http://10.0.0.1/",
      registry.url,
    ]);
    expect(open[0]).toMatch(/any\.example could not be found/);
    expect(open[1]).toMatch(/Port 8080 of any\.example is not open/);
    for (const closed of [2, 3, 4, 5])
      expect(open[closed], `${closed}`).toMatch(/leads to a private address/);
    // Listed by its very address and port.
    expect(open[6]).toMatch(/HTTP\/1\.1 (200|404)/);
  });
});
