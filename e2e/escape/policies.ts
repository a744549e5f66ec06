import { afterAll, beforeAll, expect, it } from "vitest";
import { standInCommit } from "../testing/public-stand-in.ts";
import { runInside } from "../testing/ways-out.ts";
import { names, type Scene } from "./scene.ts";

/** A session of a kind of its own for these tests, and what a command in it said and came to. */
function sessionOf(scene: Scene, template: string) {
  let sessionId = "";
  beforeAll(async () => {
    sessionId = (await scene.client.createSession({ name: `Kind ${template}`, template })).id;
  });
  afterAll(async () => {
    if (sessionId !== "") await scene.client.call("DELETE", `/api/sessions/${sessionId}`);
  });
  return {
    id: () => sessionId,
    run: (command: string) => runInside({ client: scene.client, sessionId }, command),
    decisions: async (action: string) => {
      const db = await scene.product.database();
      const rows = await db.auditLog.findMany({ where: { sessionId, action } });
      return rows.map(({ target }) => target);
    },
  };
}

/** The policy `none`. */
export function itLetsOutClaudeAlone(scene: Scene): void {
  const session = sessionOf(scene, "closed");

  it.each([
    ["npm", "npm view semver --fetch-retries=0", "registry.npmjs.org:443"],
    ["pip", "pip download --no-deps --retries 1 semver", "pypi.org:443"],
    ["git", "git ls-remote https://github.com/npm/node-semver", "github.com:443"],
    ["curl", "curl -sS http://deb.debian.org/", "deb.debian.org:80"],
    ["wget", "wget -O - https://codeberg.org/", "codeberg.org:443"],
  ])("%s is told why it fails, though its host is on the list", async (_, command, target) => {
    expect((await session.run(command)).said).toMatch(
      /Sessions of this kind have no network access beyond Claude/,
    );
    await expect.poll(() => session.decisions("egress.refused")).toContain(target);
    expect(await session.decisions("egress.allowed")).toEqual([]);
  });

  it("Claude works all the same", async () => {
    expect(await scene.askClaude({ client: scene.client, id: session.id() })).not.toBe("");
  });
}

/** The policy `open`, with a host that is public as far as its address says. */
export function itLetsOutWhatIsPublic(scene: Scene): void {
  const session = sessionOf(scene, "open");

  it("curl, wget, npm and git reach a host that nobody listed, and it is on record", async () => {
    const host = names.public;
    for (const command of [
      `curl -fsS http://${host}/plain`,
      `curl -fsSk https://${host}/plain`,
      `wget -q -O - http://${host}/plain`,
    ])
      expect((await session.run(command)).stdout, command).toBe("public at /plain");
    expect((await session.run(`npm ping --registry http://${host}/`)).said).toMatch(/PONG/);
    const refs = await session.run(`git ls-remote https://${host}/x.git`);
    expect(refs.said).toContain(`${standInCommit}\trefs/heads/main`);
    await expect
      .poll(async () => new Set(await session.decisions("egress.allowed")))
      .toEqual(new Set([`${host}:80`, `${host}:443`]));
  });

  it("reaches the same host from no session of the kind that has a list", async () => {
    expect(await scene.askProxy(`http://${names.public}/plain`)).toMatch(
      /not on this installation's allowlist.* 403/s,
    );
  });

  it("reaches nothing private, also by a public name, and no other port than the web's", async () => {
    const targets = [
      [`http://${names.rebinding}:${scene.bystanderPort}/`, /Port \d+ of .* is not open/],
      [`http://${names.rebinding}/`, /leads to a private address/],
      ["http://172.17.0.1/", /leads to a private address/],
      ["http://169.254.169.254/latest/meta-data/", /leads to a private address/],
      [`http://${names.public}:8080/`, /Port 8080 of public\.example is not open/],
    ] as const;
    for (const [url, words] of targets) {
      const { said } = await session.run(`curl -sS -w ' %{http_code}' ${url}`);
      expect(said, url).toMatch(words);
      expect(said, url).toMatch(/ 403$/);
    }
  });
}
