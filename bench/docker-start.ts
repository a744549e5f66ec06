import { startBareContainer } from "./floor/bare-container.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";
import { start } from "./session-start.ts";

const image = "remote-claude/session";

/** A new session in a container until one can type in it; needs a Docker Engine and the session image. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage({ SESSION_RUNTIME: "docker" });
  try {
    let count = 0;
    const ours = async () => {
      const live = stage.client.live();
      await new Promise<void>((resolve) => live.socket.once("connect", () => resolve()));
      count += 1;
      const times = await start(stage, live, `Start ${count}`);
      live.close();
      return times;
    };
    await ours();
    await startBareContainer(image);
    const results = await rounds(7, ours, () => startBareContainer(image));
    return [
      {
        what: "new session → usable prompt, Docker, cold",
        unit: "ms",
        ours: median(results.ours.map(({ prompt }) => prompt)),
        floor: median(results.floor),
        budget: { of: "ratio", bound: "at most", must: 2, aim: 1.3 },
      },
    ];
  } finally {
    await stage.close();
  }
}
