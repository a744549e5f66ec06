import { startBareContainer } from "./floor/bare-container.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";
import { withPool } from "./lib/warm.ts";
import { starts, warmFigure } from "./session-start.ts";

const image = "remote-claude/session";
const docker = { SESSION_RUNTIME: "docker" };

/** A new session in a container until one can type in it; needs a Docker Engine and the session image. */
export async function run(): Promise<Figure[]> {
  return [
    await coldFigure(),
    await warmFigure(docker, "new session → usable prompt, Docker, a place stands ready"),
  ];
}

async function coldFigure(): Promise<Figure> {
  const stage = await openStage({ ...docker, ...withPool(0) });
  try {
    const ours = starts(stage);
    await ours();
    await startBareContainer(image);
    const results = await rounds(7, ours, () => startBareContainer(image));
    return {
      what: "new session → usable prompt, Docker, cold",
      unit: "ms",
      ours: median(results.ours.map(({ prompt }) => prompt)),
      floor: median(results.floor),
      budget: { of: "ratio", bound: "at most", must: 2, aim: 1.3 },
    };
  } finally {
    await stage.close();
  }
}
