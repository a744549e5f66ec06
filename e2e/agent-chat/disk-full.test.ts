import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalEntry } from "@remote-claude/protocol";
import pino from "pino";
import { afterEach, expect, it, vi } from "vitest";
import { createChat } from "../../session-image/agent/src/chat/index.ts";
import type { AgentContext, Connection } from "../../session-image/agent/src/context.ts";
import { ScriptedModel } from "../scripted-model/index.ts";
import { alice } from "./testing/api-end.ts";
import { claudeBinary } from "./testing/session-place.ts";

const root = mkdtempSync(join(tmpdir(), "rc-disk-"));
const model = new ScriptedModel();
const patience = { timeout: 60_000 };
vi.setConfig({ testTimeout: 120_000 });
let full = false;
const entries: JournalEntry[] = [];
const connection: Connection = {
  id: "c",
  open: true,
  bufferedBytes: 0,
  send: (type, payload) => {
    if (type === "chat.entry") entries.push(payload as JournalEntry);
  },
  onDrain: () => () => {},
  onClientGone: () => () => {},
  onClose: () => () => {},
};
const context: AgentContext = { client: "c", actor: alice, connection };

async function startChat() {
  const home = join(root, "home");
  const workspace = join(root, "workspace");
  for (const directory of [home, workspace]) mkdirSync(directory);
  const place = {
    placeId: "abcdefghijkl",
    apiPublicKey: "",
    placeSecret: "",
    permissionModes: ["default"],
  };
  return createChat(
    {
      config: {
        place,
        egressSocket: "",
        agentSocket: "",
        workspace,
        home,
        stateDirectory: join(home, ".remote-claude"),
        egressPort: 0,
        claudeBinary: claudeBinary(),
        claudeIdleMinutes: 15,
        logLevel: "silent",
        inheritedEnvironment: {},
      },
      log: pino({ level: "silent" }),
      environment: {
        PATH: process.env.PATH ?? "",
        HOME: home,
        ANTHROPIC_BASE_URL: await model.listen(),
        ANTHROPIC_AUTH_TOKEN: "worthless",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      },
      broadcast: () => {},
    },
    {
      journal: {
        write: (fd, bytes, position) => {
          if (full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
          return writeSync(fd, bytes, 0, bytes.length, position);
        },
      },
    },
  );
}

const chat = await startChat();
afterEach(async () => {
  await chat.stop();
  await model.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

it("A disk that fills up in the middle of a turn fails the turn with that reason, and nothing is spoilt", async () => {
  const { handlers } = chat;
  const conversationId = randomUUID();
  await handlers["chat.follow"]({ cursors: {} }, context);
  const send = (text: string) =>
    handlers["chat.send"]({ conversationId, messageId: randomUUID(), text }, context);
  const kinds = () => entries.map(({ event }) => event.kind);
  await send("[[script:stall]]");
  const partials = async () => (await handlers["chat.partials"]({ conversationId }, context)).partials;
  await vi.waitFor(async () => expect(await partials()).toHaveLength(1), patience);
  full = true;
  model.gates.open("stall");
  await vi.waitFor(async () => {
    // What cannot be recorded is refused, and says why.
    await expect(async () => send("more")).rejects.toMatchObject({ code: "quota_exceeded" });
    expect(await partials()).toEqual([]);
  }, patience);
  full = false;
  // Sent before, it would wait in the queue, which a failed turn holds.
  await vi.waitFor(() => expect(kinds()).toContain("turn-failed"), patience);
  await send("[[script:hello]]");
  await vi.waitFor(() => expect(kinds()).toContain("turn-ended"), patience);
  const failure = entries.map(({ event }) => event).find(({ kind }) => kind === "turn-failed");
  expect(failure).toMatchObject({ reason: "internal", message: expect.stringContaining("disk is full") });
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  expect(kinds().filter((kind) => kind === "turn-ended")).toHaveLength(1);
});
