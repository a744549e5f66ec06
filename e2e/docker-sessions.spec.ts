import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { vi } from "vitest";
import { describeMainJob } from "./testing/main-job.ts";
import { Product } from "./testing/product.ts";
import { loopbackRegistry } from "./testing/registry.ts";
import { buildSessionImage, engineUnavailable, warmPlaces } from "./testing/stack.ts";

const run = promisify(execFile);

describeMainJob(
  "the main job with sessions in containers, behind npm start",
  {
    name: "docker-sessions",
    addresses: async () => ({ model: "127.0.0.1", registry: loopbackRegistry }),
    start: async (needs) => {
      await buildSessionImage();
      const before = await listDisks();
      const environment = { SESSION_RUNTIME: "docker", WARM_PLACES: "1" };
      const product = await Product.start({ ...needs, environment });
      // The whole job is done in the place that stood ready before there was a session.
      const ready = await untilOneStandsReady(product);
      return {
        link: product.link,
        async countPlaces() {
          const unclaimed = (await warmPlaces()).map(diskOf);
          const ours = (await listDisks()).filter(
            (name) => !before.includes(name) && !unclaimed.includes(name),
          );
          if (ours.some((name) => name !== diskOf(ready))) throw new Error("a session has another place");
          return ours.length;
        },
        stop: () => product.stop(),
      };
    },
  },
  await engineUnavailable(),
);

const diskOf = (place: string) => `remote-claude-${place}`;

async function untilOneStandsReady(product: Product): Promise<string> {
  const db = await product.database();
  const ready = await vi.waitUntil(
    () => db.place.findFirst({ where: { sessionId: null, removedAt: null, state: "running" } }),
    { timeout: 120_000, interval: 250 },
  );
  return ready.id;
}

/** Volumes that are sessions' disks, of any installation on this engine. */
async function listDisks(): Promise<string[]> {
  const { stdout } = await run("docker", [
    "volume",
    "ls",
    "--quiet",
    "--filter",
    "label=remote-claude.place",
  ]);
  return stdout.split("\n").filter((name) => name !== "");
}
