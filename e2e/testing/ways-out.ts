import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeCertificate } from "../../egress/src/testing/certificate.ts";
import type { Client } from "./client.ts";
import { GitServer, gitAddress } from "./git-server.ts";
import type { Product } from "./product.ts";
import type { Project } from "./project.ts";
import { PythonIndex } from "./python-index.ts";
import { Registry } from "./registry.ts";

export const gitUser = { name: "x-access-token", token: "ghp_endToEndTokenOfTheOwner0123456789" };

/** What sessions reach outside, on loopback: an npm registry, a Python index and a git host with private repositories. */
export class Outside {
  readonly registry = new Registry();
  readonly index = new PythonIndex("rc-plain", "rc-user");
  readonly #certificate = makeCertificate(gitAddress);
  #folder = "";
  #git: GitServer | null = null;

  get git(): GitServer {
    if (this.#git === null) throw new Error("not open");
    return this.#git;
  }

  /** `private/project.git` and `project.git` are the project. */
  async open(project: Project): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "rc-outside-"));
    for (const name of ["project.git", "private/project.git"]) {
      await project.makeRepository(join(this.#folder, name));
    }
    await writeFile(join(this.#folder, "trusted.pem"), this.#certificate.cert);
    this.#git = new GitServer(this.#folder, { certificate: this.#certificate, user: gitUser });
    await Promise.all([this.registry.listen(), this.index.listen(), this.#git.listen()]);
  }

  /** For EGRESS_ALLOWED_HOSTS. */
  get hosts(): string {
    return [this.registry.host, this.index.host, this.git.host].join(",");
  }

  /** So that the product's services trust the git host. */
  get environment(): Record<string, string> {
    return { NODE_EXTRA_CA_CERTS: join(this.#folder, "trusted.pem") };
  }

  async close(): Promise<void> {
    await Promise.all([this.registry.close(), this.index.close(), this.#git?.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface Inside {
  readonly client: Client;
  readonly product: Product;
  readonly sessionId: string;
}

export async function runInside({ client, sessionId }: Omit<Inside, "product">, command: string) {
  const body = { command, timeoutMs: 120_000 };
  const path = `/api/sessions/${sessionId}/execute`;
  const { stdout, stderr, exitCode } = await client.call<{
    stdout: string;
    stderr: string;
    exitCode: number | null;
  }>("POST", path, body);
  return { exitCode, stdout, stderr, said: `${stdout}${stderr}` };
}

export const storeGitToken = (client: Client, host: string, token = gitUser.token) =>
  client.call("PUT", `/api/git-credentials/${encodeURIComponent(host)}`, { username: gitUser.name, token });

/** The tools people have, as they are: each leaves by egress, and what it brings lands in the home. */
export function itLetsToolsOut(outside: Outside, inside: () => Inside): void {
  const run = async (command: string) => {
    const done = await runInside(inside(), command);
    expect(done.exitCode, done.said.slice(-2000)).toBe(0);
    return done.said;
  };
  /** What was allowed, summed over the rows that one batch or another was written in. */
  const recorded = async (target: string) => {
    const { product, sessionId } = inside();
    const rows = await (await product.database()).auditLog.findMany({
      where: { sessionId, target, action: "egress.allowed" },
    });
    return rows.map(({ details }) => details as { host: string; port: number; bytesReceived: number });
  };

  it("npm installs a package for the project, and one with a program into the home", async () => {
    await run(`npm config set registry ${outside.registry.url}`);
    await run("mkdir -p /tmp/npm && cd /tmp/npm && npm init -y && npm install --no-audit --no-fund minimist");
    await run("npm install --global --no-audit --no-fund semver");
    expect(await run("command -v semver && semver --range '>1' 2.0.0")).toMatch(
      /\/\.local\/bin\/semver\n2\.0\.0/,
    );
    const [host = "", port] = outside.registry.host.split(":");
    await expect.poll(() => recorded(outside.registry.host), { timeout: 15_000 }).not.toEqual([]);
    const rows = await recorded(outside.registry.host);
    for (const row of rows) expect(row).toMatchObject({ host, port: Number(port) });
    await expect
      .poll(async () =>
        (await recorded(outside.registry.host)).some(({ bytesReceived }) => bytesReceived > 1000),
      )
      .toBe(true);
  });

  it("pip installs into the home, plainly and with --user", async () => {
    const from = `--index-url ${outside.index.url} --trusted-host ${outside.index.host.split(":")[0]}`;
    await run(`pip install ${from} rc-plain`);
    await run(`pip install --user ${from} rc-user`);
    expect(await run("command -v rc-plain rc-user; rc-plain; rc-user")).toMatch(
      /\/\.local\/bin\/rc-plain\n.*\/\.local\/bin\/rc-user\nhere is rc-plain\nhere is rc-user/,
    );
  });

  it("curl and wget fetch what is listed, and are told what is not", async () => {
    const url = `${outside.registry.url}semver`;
    for (const fetch of [`curl -fsS ${url}`, `wget -q -O - ${url}`]) {
      expect(JSON.parse(await run(fetch))).toMatchObject({ name: "semver" });
    }
    const refused = "curl -sS http://unlisted.example/; wget -O - http://unlisted.example/ 2>&1";
    const { said } = await runInside(inside(), refused);
    expect(said).toMatch(/unlisted\.example is not on this installation's allowlist/);
    expect(said).toMatch(/403/);
  });

  it("git clones what is private and pushes, with a token that is not in the session", async () => {
    const url = `https://${outside.git.host}/private/project.git`;
    const without = await runInside(inside(), `git clone -q ${url} /tmp/none`);
    expect(without.said).toMatch(/stored no credential for 127\.0\.0\.2:\d+.*Settings > Git accounts/s);
    const { client } = inside();
    await storeGitToken(client, outside.git.host, "wrong-token-of-somebody");
    const wrong = await runInside(inside(), `git clone -q ${url} /tmp/none`);
    expect(wrong.said).toMatch(/does not accept the stored credential/);

    await storeGitToken(client, outside.git.host);
    await run(`rm -rf /tmp/private && git clone -q ${url} /tmp/private`);
    const identity = "git config user.name Someone && git config user.email s@example.org";
    await run(
      `cd /tmp/private && ${identity} && echo pushed > pushed.txt && git add . && git commit -qm pushed`,
    );
    await run("cd /tmp/private && git push -q origin HEAD:refs/heads/from-a-session");
    expect(await run(`git ls-remote ${url}`)).toContain("refs/heads/from-a-session");
    const { product, sessionId } = inside();
    const db = await product.database();
    await expect
      .poll(() => db.auditLog.findMany({ where: { sessionId, action: "git.pushed" } }), { timeout: 15_000 })
      .toMatchObject([
        {
          target: `${outside.git.host}/private/project.git`,
          details: { refs: [{ ref: "refs/heads/from-a-session", change: "created", refused: false }] },
        },
      ]);
    const search =
      "grep -rIl ghp_endToEnd ~ /tmp /workspace /proc/*/environ /proc/*/cmdline 2>/dev/null | grep -v /self/";
    expect((await runInside(inside(), search)).stdout).toBe("");
  });
}
