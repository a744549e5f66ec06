import { describeMainJob } from "./testing/main-job.ts";
import { engineUnavailable, hostAddress, Stack } from "./testing/stack.ts";

describeMainJob(
  "the main job in docker compose",
  {
    name: "compose-main-job",
    addresses: async () => {
      const address = await hostAddress();
      return { model: address, registry: address };
    },
    start: async ({ modelUrl, allowedHosts }) => {
      const environment = {
        ANTHROPIC_BASE_URL: modelUrl,
        EGRESS_ALLOWED_HOSTS: allowedHosts,
        WARM_PLACES: "1",
      };
      const stack = await Stack.up({ environment });
      return {
        link: await stack.signInLink(),
        countPlaces: () => stack.countPlaces(),
        stop: () => stack.down(),
      };
    },
  },
  await engineUnavailable(),
);
