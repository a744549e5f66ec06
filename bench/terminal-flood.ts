import { setTimeout as delay } from "node:timers/promises";
import type { Session } from "@remote-claude/protocol";
import type { Live } from "../e2e/testing/client.ts";
import { startFloor } from "./floor/floor.ts";
import { pssOf } from "./lib/memory.ts";
import { agentOf } from "./lib/places.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage, type Stage, withSession } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";
import { type BenchTerminal, openProductTerminal, outputUntil, prepareShell } from "./lib/terminals.ts";

const base64Bytes = 50_000_000;
const lastNumber = 2_000_000;
const end = "that-was-all\r\n";

interface Flood {
  readonly name: string;
  readonly command: string;
  /** What must arrive, newlines as terminals write them. */
  readonly expected: () => string;
}

const line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n";

export const floods: readonly [Flood, Flood] = [
  {
    name: "flood, 50 MB of base64",
    command: `yes ${line.trim()} | head -c ${Math.ceil(base64Bytes / (line.length - 1)) * (line.length - 1)} > /tmp/bench-base64; cat /tmp/bench-base64`,
    expected: () => line.repeat(Math.ceil(base64Bytes / (line.length - 1))),
  },
  {
    name: `flood, seq 1 ${lastNumber}`,
    command: `seq 1 ${lastNumber}`,
    expected: () => Array.from({ length: lastNumber }, (_, index) => `${index + 1}\r\n`).join(""),
  },
];

/** MB a second from Enter to the last byte; throws unless every byte came, in order. */
export async function flood(terminal: BenchTerminal, { command, expected }: Flood): Promise<number> {
  const [prepare, run] = command.includes("; ") ? command.split("; ") : [":", command];
  const prepared = outputUntil(terminal, "begin\r\n");
  terminal.type(`${prepare}; echo be''gin\r`);
  await prepared;
  const whole = outputUntil(terminal, end);
  const startedAt = performance.now();
  terminal.type(`${run}; echo that-was''-all\r`);
  const output = await whole;
  const seconds = (performance.now() - startedAt) / 1000;
  if (!output.toString("latin1").endsWith(`all\r\n${expected()}${end}`))
    throw new Error("bytes were lost, doubled or changed");
  return output.length / 1e6 / seconds;
}

/** MB that api, agent and gateway grow by while a terminal floods towards a client that has stopped reading. */
async function stalledReader(stage: Stage, session: Session, watched: Live): Promise<number> {
  const { product } = stage;
  const pids = [product.process.pid ?? 0, await product.pidOf("api"), await agentOf(product, session.id)];
  const weigh = () => pids.reduce((sum, pid) => sum + pssOf(pid), 0);
  const stalled = stage.client.live();
  const terminal = await openProductTerminal(stalled, session.id);
  await prepareShell(terminal);
  await delay(3000);
  const before = weigh();
  const engine = stalled.socket.io.engine as unknown as { transport: { ws: { pause(): void } } };
  engine.transport.ws.pause();
  // By another connection: this one neither reads nor answers any more.
  await watched.command("terminal.input", session.id, {
    terminalId: terminal.terminalId,
    writer: crypto.randomUUID(),
    sequence: 1,
    data: "yes\r",
  });
  let most = 0;
  for (let look = 0; look < 16; look += 1) {
    await delay(500);
    most = Math.max(most, weigh() - before);
  }
  stalled.close();
  await watched.command("terminal.close", session.id, { terminalId: terminal.terminalId });
  return most;
}

/** Floods to the last byte, and what a client costs that stops reading. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const floor = await startFloor();
  try {
    return await withSession(stage, async (session, live) => {
      const ours = await openProductTerminal(live, session.id);
      const theirs = floor.openTerminal();
      await prepareShell(ours);
      await prepareShell(theirs);
      const figures: Figure[] = [];
      for (const each of floods) {
        const results = await rounds(
          5,
          () => flood(ours, each),
          () => flood(theirs, each),
        );
        figures.push({
          what: each.name,
          unit: "MB/s",
          ours: median(results.ours),
          floor: median(results.floor),
          budget: { of: "ratio", bound: "at least", must: 0.7, aim: 0.9 },
        });
      }
      ours.close();
      figures.push({
        what: "memory added by a client that stops reading",
        unit: "MB",
        ours: await stalledReader(stage, session, live),
        floor: null,
        budget: { of: "value", bound: "at most", must: 32, aim: 10 },
      });
      return figures;
    });
  } finally {
    await floor.close();
    await stage.close();
  }
}
