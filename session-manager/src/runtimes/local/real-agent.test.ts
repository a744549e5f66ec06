import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HelloFrame } from "@remote-claude/protocol";
import { afterEach, describe, expect, it } from "vitest";
import {
  bubblewrapUnavailable,
  buildSpec,
  fixtureAgentDir,
  LocalHarness,
  newPlaceId,
} from "../../testing/local-harness.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const agentDir = join(root, "session-image/agent/dist");
const claudeBinary = join(
  root,
  `node_modules/@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}/claude`,
);
const missing = [join(agentDir, "agent.js"), claudeBinary].find((file) => !existsSync(file));
const notBuilt = missing === undefined ? null : `${missing} is not built or installed`;
const withoutBubblewrap = await bubblewrapUnavailable();

/** The first text frame the agent sends to whoever connects. */
function readHello(socketPath: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const upgrade = request({
      socketPath,
      path: "/agent",
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": Buffer.from("0123456789abcdef").toString("base64"),
      },
    });
    upgrade.on("error", reject);
    upgrade.on("response", ({ statusCode }) => reject(new Error(`answered ${statusCode}`)));
    upgrade.on("upgrade", (_response, socket, head) => {
      const take = (data: Buffer) => {
        if (data.length === 0) return;
        socket.destroy();
        resolve(JSON.parse(data.subarray(data.indexOf("{")).toString("utf8")));
      };
      take(head);
      socket.on("data", take);
    });
    upgrade.end();
  });
}

describe.each([
  { isolation: "bubblewrap" as const, unavailable: notBuilt ?? withoutBubblewrap },
  { isolation: "none" as const, unavailable: notBuilt },
])("the real agent with isolation $isolation", ({ isolation, unavailable }) => {
  const title = (sentence: string) =>
    unavailable === null ? sentence : `${sentence} [skipped: ${unavailable}]`;
  let harness: LocalHarness | undefined;
  afterEach(() => harness?.close());

  const programs = (dir: string) => ({
    agentDir: dir,
    claudeBinary,
    nodeBinary: process.execPath,
    npmDir: null,
  });

  it.skipIf(unavailable !== null)(title("starts, greets who connects, and ends when asked"), async () => {
    harness = new LocalHarness(isolation);
    const runtime = await harness.open({ programs: programs(agentDir), stopGraceMs: 20_000 });
    const placeId = newPlaceId();
    const place = await runtime.ensure(placeId, buildSpec(placeId));
    expect(place).toMatchObject({ state: "running", isolation });
    const hello = await readHello(join(harness.runDir, placeId, "out", "agent.sock"));
    expect(HelloFrame.parse(hello).hello.protocolVersion).toBe(1);
    expect((await runtime.find(placeId))?.stats?.processes).toBeGreaterThan(1);
    expect((await runtime.stop(placeId)).state).toBe("stopped");
  });

  it.skipIf(unavailable !== null)(title("finds the real Claude Code where it was told"), async () => {
    harness = new LocalHarness(isolation);
    const runtime = await harness.open({ programs: programs(fixtureAgentDir) });
    const placeId = newPlaceId();
    await runtime.ensure(placeId, buildSpec(placeId));
    expect((await harness.run(placeId, '"$AGENT_CLAUDE_BINARY" --version')).output).toContain("Claude Code");
  });
});
