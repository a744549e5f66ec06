import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findModelError } from "@remote-claude/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createHarness,
  type Harness,
  type Served,
  serve,
  shortAnswer,
  type TestPlace,
} from "./testing/harness.ts";

/** The Claude Code of the Agent SDK, or null where its package for this platform is not installed. */
function findClaude(): string | null {
  try {
    const name = `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}`;
    const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "claude");
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}
const claude = findClaude();

interface Outcome {
  readonly is_error: boolean;
  readonly result: string;
  readonly api_error_status: number | null;
  readonly total_cost_usd: number;
}

describe.skipIf(claude === null)("the real Claude Code, behind egress", () => {
  let harness: Harness;
  let place: TestPlace;
  let door: Served;
  let home: string;
  let upstream: Served;
  let asked: string[] = [];
  let status = 200;

  beforeEach(async () => {
    harness = await createHarness();
    place = await harness.addPlace();
    home = await mkdtemp(join(tmpdir(), "rc-home-"));
    asked = [];
    upstream = await serve(
      http.createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers["x-api-key"]}`);
        request.resume();
        request.on("end", () => {
          if (status === 200) {
            const usage = { cache_read_input_tokens: 12_000, cache_creation_input_tokens: 340 };
            const answer = shortAnswer("claude-opus-5-5", "hello there", usage);
            response.writeHead(200, { "content-type": "text/event-stream" }).end(answer);
          } else {
            const error = {
              type: "error",
              error: { type: "authentication_error", message: "invalid x-api-key" },
            };
            response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(error));
          }
        });
      }),
    );
    // Stands in for the agent's forwarder.
    door = await serve(
      net.createServer((socket) => void socket.pipe(net.connect(place.socketPath)).pipe(socket)),
    );
  });
  afterEach(async () => {
    await door.close();
    await upstream.close();
    await harness.end();
    await rm(home, { recursive: true, force: true });
  });

  const run = (): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const child = spawn(claude ?? "", ["-p", "say hello", "--output-format", "json"], {
        cwd: home,
        env: {
          HOME: home,
          PATH: process.env.PATH ?? "",
          ANTHROPIC_BASE_URL: `http://127.0.0.1:${door.port}`,
          ANTHROPIC_AUTH_TOKEN: "worthless",
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.once("error", reject);
      child.once("close", () => {
        try {
          resolve(JSON.parse(text) as Outcome);
        } catch {
          reject(new Error(`no result: ${text.slice(0, 500)}`));
        }
      });
    });
  const start = (environment: Record<string, string> = {}) =>
    harness.start({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${upstream.port}`, ...environment });

  it("finishes a turn on the real key, and our count of its cost is its own", async () => {
    status = 200;
    const egress = await start();
    const outcome = await run();
    expect(outcome).toMatchObject({ is_error: false, result: "hello there" });
    expect(asked).toEqual(["POST /v1/messages?beta=true sk-real-key"]);
    const sum = await vi.waitUntil(async () => {
      await egress.flush();
      const { _sum } = await harness.database.db.modelUsage.aggregate({ _sum: { costUsd: true } });
      return _sum.costUsd?.toNumber();
    });
    expect(sum).toBeCloseTo(outcome.total_cost_usd, 6);
  });

  it("shows at once that no key is configured, in words the agent knows", async () => {
    await start({ ANTHROPIC_API_KEY: "" });
    const outcome = await run();
    expect(outcome).toMatchObject({ is_error: true, api_error_status: 401 });
    expect(findModelError(outcome.result)).toMatchObject({ reason: "key-missing" });
    expect(harness.logged.filter((line) => line.includes('"verdict":"refused"'))).toHaveLength(1);
  });

  it("shows at once that the key is rejected, and does not go on trying", async () => {
    status = 401;
    await start();
    const outcome = await run();
    expect(outcome).toMatchObject({ is_error: true, api_error_status: 401 });
    expect(findModelError(outcome.result)).toMatchObject({ reason: "key-rejected" });
    expect(asked).toHaveLength(1);
  });

  it("shows the sentence of a spent budget", async () => {
    status = 200;
    place = await harness.addPlace({ monthlyBudgetUsd: 0 });
    await start();
    const outcome = await run();
    expect(outcome.is_error).toBe(true);
    expect(findModelError(outcome.result)).toMatchObject({ reason: "budget-exceeded" });
    expect(asked).toEqual([]);
  });
});
