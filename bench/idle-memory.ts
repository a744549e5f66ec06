import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "../e2e/testing/client.ts";
import { Product } from "../e2e/testing/product.ts";
import { commandOf, pssOf, rssOf, treeOf, weightOf } from "./lib/memory.ts";
import { agentOf } from "./lib/places.ts";
import { startProgram } from "./lib/programs.ts";
import type { Figure } from "./lib/report.ts";
import { startModel } from "./lib/stage.ts";

const settleMs = 20_000;

/** The service a process belongs to, by its command. */
function partOf(pid: number): string {
  const command = commandOf(pid);
  if (/postgres/.test(command)) return "postgres";
  for (const part of ["api", "egress", "session-manager", "web", "standalone"]) {
    if (command.includes(`/${part}/`)) return part;
  }
  return "standalone";
}

/** Proportional MB by service; other products on the machine make these smaller. */
function weigh(product: Product): Map<string, number> {
  const parts = new Map<string, number>();
  for (const pid of treeOf(product.process.pid ?? 0)) {
    const part = partOf(pid);
    parts.set(part, (parts.get(part) ?? 0) + pssOf(pid));
  }
  return parts;
}

async function agentFigures(product: Product): Promise<Figure[]> {
  const client = await Client.signIn(product);
  const session = await client.createSession({ name: "Idle" });
  const bare = await startProgram(fileURLToPath(new URL("./floor/bare-agent.cjs", import.meta.url)));
  await delay(settleMs);
  const figure: Figure = {
    what: "an idle session, agent alone, no Claude yet, RSS (floor: node + node-pty)",
    unit: "MB",
    ours: rssOf(await agentOf(product, session.id)),
    floor: rssOf(bare.child.pid ?? 0),
    budget: { of: "value", bound: "at most", must: 75, aim: 60 },
  };
  await bare.stop();
  await client.call("DELETE", `/api/sessions/${session.id}`);
  return [figure];
}

/** The second start, all services idle, and an idle session's agent. */
export async function run(): Promise<Figure[]> {
  const model = await startModel();
  const first = await Product.start({ modelUrl: model.url });
  const agent = await agentFigures(first);
  await first.stop({ keepData: true });
  const startedAt = performance.now();
  const product = await Product.start({ modelUrl: model.url, dataDir: first.dataDir });
  const startSeconds = (performance.now() - startedAt) / 1000;
  try {
    await delay(settleMs);
    const parts = weigh(product);
    const total = weightOf(treeOf(product.process.pid ?? 0));
    return [
      {
        what: "npm start, second start → ready",
        unit: "s",
        ours: startSeconds,
        floor: null,
        budget: { of: "value", bound: "at most", must: 8, aim: 4 },
      },
      {
        what: "all services idle, standalone, Postgres included",
        unit: "MB",
        ours: total,
        floor: null,
        budget: { of: "value", bound: "at most", must: 500, aim: 350 },
      },
      ...[...parts].map(
        ([part, megabytes]): Figure => ({
          what: `  of it, by PSS: ${part}`,
          unit: "MB",
          ours: megabytes,
          floor: null,
          budget: null,
        }),
      ),
      ...agent,
    ];
  } finally {
    await product.stop();
    await model.stop();
  }
}
