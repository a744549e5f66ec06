import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describeMainJob } from "./testing/main-job.ts";
import { Product } from "./testing/product.ts";
import { loopbackRegistry } from "./testing/registry.ts";

describeMainJob("the main job", {
  name: "main-job",
  addresses: async () => ({ model: "127.0.0.1", registry: loopbackRegistry }),
  start: async (needs) => {
    const product = await Product.start(needs);
    return {
      link: product.link,
      countPlaces: async () => {
        const { place } = await product.database();
        const unclaimed = await place.findMany({ where: { sessionId: null }, select: { id: true } });
        const ready = new Set(unclaimed.map(({ id }) => id));
        const places = await readdir(join(product.dataDir, "places"));
        return places.filter((id) => !ready.has(id)).length;
      },
      stop: () => product.stop(),
    };
  },
});
