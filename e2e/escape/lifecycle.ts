import type { Session } from "@remote-claude/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, picture } from "../testing/browser.ts";
import { docker } from "../testing/stack.ts";
import { survivePause } from "../testing/survive-pause.ts";
import type { Scene } from "./scene.ts";

/** A session that nobody uses; made early, because its time has to pass. */
export function makeUnused(scene: Scene): () => string {
  let id = "";
  beforeAll(async () => {
    id = (await scene.client.createSession({ name: "Unused", template: "brief" })).id;
  });
  afterAll(async () => {
    if (id !== "") await scene.client.call("DELETE", `/api/sessions/${id}`);
  });
  return () => id;
}

/** What becomes of containers that are paused, unused, or cannot be made. */
export function itTellsWhatBecomesOfIt(scene: Scene, unused: () => string): void {
  const statusOf = async (sessionId: string) =>
    scene.inspect(await scene.placeOf(sessionId), "{{.State.Status}}");

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
    await client.untilState(unused(), "paused", 150_000);
    expect(await statusOf(unused())).toBe("paused");
    const rows = await (await scene.product.database()).auditLog.findMany({
      where: { sessionId: unused(), action: "session.paused" },
    });
    expect(rows).toMatchObject([{ details: expect.objectContaining({ reason: "idle" }) }]);
    await client.call("POST", `/api/sessions/${unused()}/resume`);
    await client.untilState(unused(), "running");
    expect((await client.execute(unused(), "echo here")).stdout).toBe("here\n");
  });

  it("of a kind whose container runtime is not on this server fails with a sentence that says so, in the page too", async ({
    skip,
  }) => {
    const runtimes = JSON.parse(await docker("info", "--format", "{{json .Runtimes}}"));
    skip("runsc" in runtimes, "this engine has gVisor");
    const { client, product } = scene;
    const body = { name: "In gVisor", template: "gvisor" };
    const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", body);
    const browser = await launchBrowser();
    try {
      const words = /container runtime is not installed on this server/;
      const message = client.untilState(session.id, "running").catch((error: Error) => error.message);
      expect(await message).toMatch(words);
      const page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(product.link);
      await page.getByRole("button", { name: "New session" }).first().waitFor();
      await page.goto(`${product.url}/sessions/${session.id}`);
      await page.getByText(words).waitFor();
      await picture(page, "runtime-missing");
    } finally {
      await browser.close();
      await client.call("DELETE", `/api/sessions/${session.id}`);
    }
  });
}
