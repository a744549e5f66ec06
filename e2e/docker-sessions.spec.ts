import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describeMainJob } from "./testing/main-job.ts";
import { Product } from "./testing/product.ts";
import { loopbackRegistry } from "./testing/registry.ts";
import { buildSessionImage, engineUnavailable } from "./testing/stack.ts";

const run = promisify(execFile);

describeMainJob(
  "the main job with sessions in containers, behind npm start",
  {
    name: "docker-sessions",
    addresses: async () => ({ model: "127.0.0.1", registry: loopbackRegistry }),
    start: async (needs) => {
      await buildSessionImage();
      const before = await listDisks();
      const product = await Product.start({ ...needs, environment: { SESSION_RUNTIME: "docker" } });
      return {
        link: product.link,
        countPlaces: async () => (await listDisks()).filter((name) => !before.includes(name)).length,
        stop: () => product.stop(),
      };
    },
  },
  await engineUnavailable(),
);

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
