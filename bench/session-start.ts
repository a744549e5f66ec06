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

/** A new session until one can type in it. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const { CLAUDE_BINARY = "" } = await stage.environment("session-manager");
  const bare = await openBarePlaces(mkdtempSync(join(tmpdir(), "bp-")), CLAUDE_BINARY);
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
        what: "new session → usable prompt, local runtime",
        unit: "ms",
        ours: median(results.ours.map(({ prompt }) => prompt)),
        floor,
        budget: { of: "ratio", bound: "at most", must: 2 },
      },
    ];
  } finally {
    bare.close();
    await stage.close();
  }
}
