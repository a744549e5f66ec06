import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Session } from "@remote-claude/protocol";
import type { Live } from "../e2e/testing/client.ts";
import { openBarePlaces } from "./floor/bare-place.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage, type Stage } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";
import { untilWarm, withPool } from "./lib/warm.ts";

function untilRunning(live: Live, name: string): Promise<void> {
  return new Promise((resolve) => {
    live.on("session.changed", ({ session }) => {
      if (session.name === name && session.state === "running") resolve();
    });
  });
}

export interface Start {
  /** Until the session says that it runs. */
  readonly running: number;
  /** Until the first bytes of a prompt have come. */
  readonly prompt: number;
}

/** From POST to the prompt, as the page does it: it hears that the session runs, and opens a terminal. */
export async function start({ client }: Stage, live: Live, name: string): Promise<Start> {
  const isRunning = untilRunning(live, name);
  const startedAt = performance.now();
  const { session } = await client.call<{ session: Session }>("POST", "/api/sessions", { name });
  await isRunning;
  const running = performance.now() - startedAt;
  const spoken = new Promise<void>((resolve) => live.on("terminal.output", () => resolve()));
  const { terminal } = await live.command("terminal.create", session.id, { cols: 120, rows: 30 });
  await live.command("terminal.attach", session.id, { terminalId: terminal.terminalId, after: 0 });
  await spoken;
  const prompt = performance.now() - startedAt;
  await client.call("DELETE", `/api/sessions/${session.id}`);
  return { running, prompt };
}

/** As somebody who has the page open; `count` names the session. */
async function startOne(stage: Stage, count: number): Promise<Start> {
  const live = stage.client.live();
  await new Promise<void>((resolve) => live.socket.once("connect", () => resolve()));
  const times = await start(stage, live, `Start ${count}`);
  live.close();
  return times;
}

/** Starts, one after the other. */
export function starts(stage: Stage): () => Promise<Start> {
  let count = 0;
  return () => {
    count += 1;
    return startOne(stage, count);
  };
}

/** The same where a place stands ready each time. */
export async function warmFigure(environment: Record<string, string>, what: string): Promise<Figure> {
  const stage = await openStage({ ...environment, ...withPool(1) });
  try {
    const ours = starts(stage);
    const times: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await untilWarm(stage);
      times.push((await ours()).prompt);
    }
    return {
      what,
      unit: "ms",
      // The first one reads everything from disk.
      ours: median(times.slice(1)),
      floor: null,
      budget: { of: "value", bound: "at most", must: 500, aim: 150 },
    };
  } finally {
    await stage.close();
  }
}

/** A new session until one can type in it: as `npm start` has it, with a place that stands ready, and without. */
export async function run(): Promise<Figure[]> {
  const cold = await coldFigures();
  const warm = await warmFigure({}, "new session → usable prompt, local runtime, a place stands ready");
  return [
    ...cold,
    warm,
    {
      ...warm,
      what: "… beside a bare place that is started from nothing",
      floor: cold[0]?.floor ?? null,
      budget: { of: "ratio", bound: "at most", must: 2 },
    },
  ];
}

async function coldFigures(): Promise<Figure[]> {
  const stage = await openStage(withPool(0));
  const { CLAUDE_BINARY = "" } = await stage.environment("session-manager");
  const bare = await openBarePlaces(mkdtempSync(join(tmpdir(), "bp-")), CLAUDE_BINARY);
  try {
    const ours = starts(stage);
    // The first ones read everything from disk.
    await ours();
    await bare.start();
    const results = await rounds(9, ours, () => bare.start());
    const floor = median(results.floor);
    return [
      {
        what: "new session → running (floor: → prompt)",
        unit: "ms",
        ours: median(results.ours.map(({ running }) => running)),
        floor,
        budget: null,
      },
      {
        what: "new session → usable prompt, local runtime, cold (no pool)",
        unit: "ms",
        ours: median(results.ours.map(({ prompt }) => prompt)),
        floor,
        budget: null,
      },
    ];
  } finally {
    bare.close();
    await stage.close();
  }
}
