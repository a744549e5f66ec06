import { setTimeout as delay } from "node:timers/promises";
import { startFloor } from "./floor/floor.ts";
import type { Figure } from "./lib/report.ts";
import { openStage, withSession } from "./lib/stage.ts";
import { median, quantile } from "./lib/statistics.ts";
import {
  type BenchTerminal,
  openProductTerminal,
  outputUntil,
  prepareShell,
  prompt,
} from "./lib/terminals.ts";

const keystrokes = 150;
const betweenMs = 20;

/** Milliseconds from a key to its echo, by the kernel's own echo: the shell's part is no one's merit. */
async function echo(terminal: BenchTerminal, key: number): Promise<number> {
  const startedAt = performance.now();
  const seen = new Promise<void>((resolve) => terminal.read(() => resolve()));
  terminal.type(key % 60 === 59 ? "\r" : "x");
  await seen;
  const took = performance.now() - startedAt;
  terminal.read(() => undefined);
  await delay(betweenMs);
  return took;
}

export async function echoes(terminal: BenchTerminal): Promise<number[]> {
  const times: number[] = [];
  for (let key = 0; key < keystrokes; key += 1) times.push(await echo(terminal, key));
  return times;
}

/** One round of both, key by key in turns: whatever else the machine does falls on both alike. */
async function echoesInTurns(ours: BenchTerminal, theirs: BenchTerminal) {
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let key = 0; key < keystrokes; key += 1) {
    times.ours.push(await echo(ours, key));
    times.floor.push(await echo(theirs, key));
  }
  return times;
}

export async function startEchoing(terminal: BenchTerminal): Promise<void> {
  await prepareShell(terminal);
  const begun = outputUntil(terminal, "echoing\r\n");
  terminal.type("echo echo''ing; cat > /dev/null\r");
  await begun;
}

/** From Ctrl-C in a flood to the prompt. */
async function interrupt(terminal: BenchTerminal): Promise<number> {
  const flooding = outputUntil(terminal, "y\r\ny\r\n");
  terminal.type("yes\r");
  await flooding;
  // Until the way is as full as it gets.
  await delay(500);
  const prompted = outputUntil(terminal, prompt);
  const startedAt = performance.now();
  terminal.type("\u0003");
  await prompted;
  return performance.now() - startedAt;
}

/** Keystroke → echo: idle, while another terminal floods; and Ctrl-C in a flood. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const floor = await startFloor();
  try {
    return await withSession(stage, async ({ id }, live) => {
      const ours = await openProductTerminal(live, id);
      const theirs = floor.openTerminal();
      await startEchoing(ours);
      await startEchoing(theirs);
      // The client in this process is cold for its first hundred keys, on the way to both.
      await echoes(ours);
      await echoes(theirs);
      const idle = { ours: [] as number[][], floor: [] as number[][] };
      for (let round = 0; round < 5; round += 1) {
        const times = await echoesInTurns(ours, theirs);
        idle.ours.push(times.ours);
        idle.floor.push(times.floor);
      }
      const flooder = await openProductTerminal(live, id);
      await prepareShell(flooder);
      const flooded: number[][] = [];
      const interrupts: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        flooder.type("yes\r");
        await delay(500);
        flooded.push(await echoes(ours));
        flooder.type("\u0003");
        await delay(500);
        interrupts.push(await interrupt(flooder));
      }
      const over = (each: number[][], q: number) => median(each.map((times) => quantile(times, q)));
      const figure = (what: string, q: number, must: number, aim?: number): Figure => ({
        what,
        unit: "ms",
        ours: over(idle.ours, q),
        floor: over(idle.floor, q),
        budget: { of: "ratio", bound: "at most", must, ...(aim === undefined ? {} : { aim }) },
      });
      return [
        figure("keystroke → echo, idle, p50", 0.5, 1.5, 1.15),
        figure("keystroke → echo, idle, p99", 0.99, 2),
        {
          what: "the same while another terminal floods, p95 (floor: idle)",
          unit: "ms",
          ours: over(flooded, 0.95),
          floor: over(idle.floor, 0.95),
          budget: { of: "ratio", bound: "at most", must: 4, aim: 2 },
        },
        {
          what: "Ctrl-C in a flood → prompt",
          unit: "ms",
          ours: median(interrupts),
          floor: null,
          budget: { of: "value", bound: "at most", must: 200, aim: 50 },
        },
      ];
    });
  } finally {
    await floor.close();
    await stage.close();
  }
}
