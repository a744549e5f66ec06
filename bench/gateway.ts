import { readdirSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import type { Figure } from "./lib/report.ts";
import { openStage, withSession } from "./lib/stage.ts";
import { quantile } from "./lib/statistics.ts";

const requests = 300;

const body = JSON.stringify({
  model: "claude-sonnet-4-5",
  max_tokens: 100,
  stream: true,
  messages: [{ role: "user", content: "x".repeat(20_000) }],
});

interface Way {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly agent: Agent;
}

/** Milliseconds until the answer's first byte; reads it to its end. */
function ask(way: Way): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const asked = request({
      ...way,
      method: "POST",
      path: "/v1/messages",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-api-key": "placeholder",
        "anthropic-version": "2023-06-01",
        host: "127.0.0.1",
      },
    });
    asked.once("error", reject);
    asked.once("response", (response) => {
      if (response.statusCode !== 200) reject(new Error(`the model answered ${response.statusCode}`));
      let firstAt = 0;
      response.once("data", () => {
        firstAt = performance.now() - startedAt;
      });
      response.on("data", () => undefined);
      response.once("end", () => resolve(firstAt));
    });
    asked.end(body);
  });
}

/** What the model gateway adds to the first byte, over the session's own socket. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  try {
    return await withSession(stage, async () => {
      const { RUN_DIR = "" } = await stage.environment("egress");
      const place = readdirSync(RUN_DIR).find((name) => /^[a-z0-9]{12}$/.test(name)) ?? "";
      const socketPath = join(RUN_DIR, place, "in/egress.sock");
      const { hostname, port } = new URL(stage.modelUrl);
      const through: Way = { socketPath, agent: new Agent({ keepAlive: true }) };
      const direct: Way = { host: hostname, port: Number(port), agent: new Agent({ keepAlive: true }) };
      const ours: number[] = [];
      const floor: number[] = [];
      for (let index = 0; index < requests; index += 1) {
        ours.push(await ask(through));
        floor.push(await ask(direct));
      }
      const figure = (what: string, q: number, budget: Figure["budget"]): Figure => ({
        what,
        unit: "ms",
        ours: quantile(ours, q),
        floor: quantile(floor, q),
        budget,
      });
      const budget = { of: "difference", bound: "at most", must: 5, aim: 1 } as const;
      return [
        figure("model gateway, first byte, p50", 0.5, budget),
        figure("model gateway, first byte, p95", 0.95, null),
      ];
    });
  } finally {
    await stage.close();
  }
}
