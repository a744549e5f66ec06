import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrganisationSettings, Session } from "@remote-claude/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, picture } from "../testing/browser.ts";
import { docker } from "../testing/stack.ts";
import { survivePause } from "../testing/survive-pause.ts";
import { ownImage, type Scene } from "./scene.ts";

/** A session that is left alone with its page open; made early, because its time has to pass. */
export interface Unused {
  readonly id: string;
  readonly page: Page;
  /** The page has said what is about to happen. */
  readonly warned: Promise<unknown>;
}

/** null: there is no engine, and nothing is made. */
export function makeUnused(scene: Scene | null): () => Unused {
  let browser: Browser | null = null;
  let unused: Unused | null = null;
  const get = () => {
    if (unused === null) throw new Error("not made");
    return unused;
  };
  beforeAll(async () => {
    if (scene === null) return;
    const { client, product } = scene;
    const { id } = await client.createSession({ name: "Unused", template: "brief" });
    browser = await launchBrowser();
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(product.link);
    await page.getByRole("link", { name: "Unused" }).click();
    const warned = page
      .getByText(/This session pauses in \d.* because nobody uses it/)
      .waitFor({ timeout: 600_000 })
      .then(() => picture(page, "unused-warning"));
    // Whoever waits for it hears of it; until then it is nobody's fault.
    warned.catch(() => undefined);
    unused = { id, page, warned };
  });
  afterAll(async () => {
    await browser?.close();
    if (unused !== null) await scene?.client.call("DELETE", `/api/sessions/${unused.id}`);
  });
  return get;
}

/** What becomes of containers that are paused, unused, or cannot be made. */
export function itTellsWhatBecomesOfIt(scene: Scene, unused: () => Unused): void {
  const statusOf = async (sessionId: string) =>
    scene.inspect(await scene.placeOf(sessionId), "{{.State.Status}}");

  it("has the programs that people expect, an ordinary user, and one copy of Claude Code", async () => {
    const expected =
      "git rg python3 pip3 make gcc curl wget jq less vim nano ps ssh ssh-keygen node npm claude";
    const missing = `for name in ${expected}; do command -v $name > /dev/null || echo "no $name"; done`;
    expect(await scene.attack(`${missing}; command -v sudo; id -un; id -u`)).toBe("claude\n1000");
    expect(await scene.attack("find / -xdev -type f -size +150M 2> /dev/null")).toBe(
      "/opt/remote-claude/bin/claude",
    );
  });

  it("freezes a program in a terminal by a pause, which goes on where it was without a byte lost or doubled", async () => {
    const client = scene.neighbourClient;
    const live = client.live();
    try {
      await survivePause({ client, live, sessionId: scene.neighbour }, async () =>
        expect(await statusOf(scene.neighbour)).toBe("paused"),
      );
    } finally {
      live.close();
    }
    expect(await statusOf(scene.neighbour)).toBe("running");
  });

  it("is paused when nobody has used it, after a warning, where its kind says so; and opens again", async () => {
    const { client } = scene;
    const { id, page, warned } = unused();
    await warned;
    await client.untilState(id, "paused", 150_000);
    expect(await statusOf(id)).toBe("paused");
    const rows = await (await scene.product.database()).auditLog.findMany({
      where: { sessionId: id, action: "session.paused" },
    });
    expect(rows).toMatchObject([{ details: expect.objectContaining({ reason: "idle" }) }]);
    await page.getByRole("button", { name: /Resume/ }).click();
    await client.untilState(id, "running");
    expect((await client.execute(id, "echo here")).stdout).toBe("here\n");
  });

  it("says in the page when it has run for nearly as long as it may, and is left alone when it may for longer", async () => {
    const { client, product, attacker: id } = scene;
    const { page } = unused();
    const db = await product.database();
    const { startedAt } = await db.session.findUniqueOrThrow({ where: { id } });
    const { settings } = await client.call<{ settings: OrganisationSettings }>("GET", "/api/settings");
    const day = 24 * 60;
    await client.call("PUT", "/api/settings", { ...settings, maxDurationMinutes: day });
    try {
      await page.goto(`${product.url}/sessions/${id}`);
      await db.session.update({
        where: { id },
        data: { startedAt: new Date(Date.now() - (day - 4) * 60_000) },
      });
      const words = /This session stops in \d.* because it has run for as long as a session may here/;
      await page.getByText(words).waitFor();
      // Nobody can put that off.
      expect(await page.getByRole("button", { name: "Keep it running" }).count()).toBe(0);
      await picture(page, "longest-run-warning");
      await client.call("PUT", "/api/settings", settings);
      await page.getByText(words).waitFor({ state: "detached" });
      expect(await client.untilState(id, "running")).toMatchObject({ nextStop: null });
    } finally {
      await client.call("PUT", "/api/settings", settings);
      await db.session.update({ where: { id }, data: { startedAt } });
    }
  });

  it("of an image of one's own names it in the page while it is not there, and goes on when it was built on ours", async () => {
    const { client, product } = scene;
    const { page } = unused();
    const body = { name: "Of our own", template: "own" };
    const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", body);
    const context = await mkdtemp(join(tmpdir(), "rc-own-image-"));
    try {
      const words = new RegExp(`The image ${ownImage} is not on this server`);
      const message = client.untilState(session.id, "running").catch((error: Error) => error.message);
      expect(await message).toMatch(words);
      await page.goto(`${product.url}/sessions/${session.id}`);
      await page.getByText(words).waitFor();
      const lines = [
        "FROM remote-claude/session",
        "USER root",
        "RUN echo ours > /opt/ours",
        "USER claude",
        "",
      ];
      await writeFile(join(context, "Dockerfile"), lines.join("\n"));
      await docker("build", "--quiet", "--tag", ownImage, context);
      await page.getByRole("button", { name: "Resume" }).click();
      await expect
        .poll(
          async () =>
            (await client.call<{ session: Session }>("GET", `/api/sessions/${session.id}`)).session.state,
          {
            timeout: 60_000,
          },
        )
        .toBe("running");
      expect((await client.execute(session.id, "cat /opt/ours; id -un")).stdout).toBe("ours\nclaude\n");
    } finally {
      await client.call("DELETE", `/api/sessions/${session.id}`);
      await docker("image", "rm", "--force", ownImage).catch(() => undefined);
      await rm(context, { recursive: true, force: true });
    }
  });

  it("of a kind whose container runtime is not on this server fails with a sentence that says so, in the page too", async ({
    skip,
  }) => {
    const runtimes = JSON.parse(await docker("info", "--format", "{{json .Runtimes}}"));
    skip("runsc" in runtimes, "this engine has gVisor");
    const { client, product } = scene;
    const body = { name: "In gVisor", template: "gvisor" };
    const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", body);
    const { page } = unused();
    try {
      const words = /container runtime is not installed on this server/;
      const message = client.untilState(session.id, "running").catch((error: Error) => error.message);
      expect(await message).toMatch(words);
      await page.goto(`${product.url}/sessions/${session.id}`);
      await page.getByText(words).waitFor();
      await picture(page, "runtime-missing");
    } finally {
      await client.call("DELETE", `/api/sessions/${session.id}`);
    }
  });
}
