import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { createDb, newId } from "@remote-claude/prisma";
import { startProgram } from "./lib/programs.ts";
import type { Figure } from "./lib/report.ts";
import { openStage, type Stage } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";

const sessions = 50;
const connections = 8;
const secondsEach = 2;

/** Fifty stopped sessions of the admin, as rows: their workspaces play no part in a list. */
async function fillIn(stage: Stage): Promise<void> {
  const { DATABASE_URL: url = "" } = await stage.environment("api");
  const db = createDb({ url });
  const owner = await db.user.findFirstOrThrow();
  await db.session.createMany({
    data: Array.from({ length: sessions }, (_, index) => ({
      id: newId(),
      name: `Session ${index} with a name of ordinary length`,
      ownerId: owner.id,
      template: "default",
      state: "stopped" as const,
      stopReason: "by-user",
      isolation: "bubblewrap" as const,
      repositoryUrl: `https://git.example.org/team/project-${index}.git`,
      branch: "main",
      prepared: true,
      sizeBytes: BigInt(123_456 + index),
    })),
  });
  await db.$disconnect();
}

/** Requests a second over a few connections that are kept. */
async function load(url: string, token: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers = { authorization: `Bearer ${token}` };
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      request(`${url}/api/sessions`, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.on("data", () => undefined).once("end", resolve);
      })
        .once("error", reject)
        .end();
    });
  const endsAt = performance.now() + secondsEach * 1000;
  let answered = 0;
  const work = async () => {
    while (performance.now() < endsAt) {
      await ask();
      answered += 1;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return answered / ((performance.now() - startedAt) / 1000);
}

/** `GET /api/sessions` for a user with fifty. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const express = await startProgram<{ url: string }>(
    fileURLToPath(new URL("./floor/express.ts", import.meta.url)),
  );
  try {
    await fillIn(stage);
    const { API_PORT = "" } = await stage.environment("api");
    const answer = await stage.client.fetch("/api/sessions");
    const headers = { "content-type": "application/json" };
    await fetch(`${express.ready.url}/body`, { method: "PUT", headers, body: await answer.text() });
    const sides = {
      direct: `http://127.0.0.1:${API_PORT}`,
      floor: express.ready.url,
      throughGateway: stage.product.url,
    };
    const results = { direct: [] as number[], floor: [] as number[], throughGateway: [] as number[] };
    for (let round = 0; round < 6; round += 1) {
      for (const side of ["direct", "floor", "throughGateway"] as const) {
        const perSecond = await load(sides[side], stage.client.token);
        // The first round warms up.
        if (round > 0) results[side].push(perSecond);
      }
    }
    const figure = (what: string, ours: number[], budget: Figure["budget"]): Figure => ({
      what,
      unit: "req/s",
      ours: median(ours),
      floor: median(results.floor),
      budget,
    });
    const budget = { of: "ratio", bound: "at least", must: 0.25, aim: 0.5 } as const;
    return [
      figure("GET /api/sessions, 50 sessions, api", results.direct, budget),
      figure("the same through the standalone gateway", results.throughGateway, null),
    ];
  } finally {
    await express.stop();
    await stage.close();
  }
}
