import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SessionPlace } from "./testing/session-place.ts";

vi.setConfig({ testTimeout: 120_000 });
const patience = { timeout: 60_000, interval: 10 };
const place = new SessionPlace({ wholeAgent: true });
beforeAll(() => place.start());
afterAll(() => place.dispose());

it("The whole agent lets Claude change a file, is killed, and goes on where it was", async () => {
  const conversationId = randomUUID();
  const api = await place.connect();
  await api.send("chat.follow", { cursors: {} });
  await api.prompt(conversationId, "[[script:write-file]]");
  await vi.waitFor(() => expect(api.events("permission-asked")).toHaveLength(1), patience);
  const requestId = api.events("permission-asked")[0]?.requestId ?? "";
  await api.send("chat.answer", { conversationId, requestId, decision: "allow" });
  await vi.waitFor(() => expect(api.events("turn-ended")).toHaveLength(1), patience);
  expect(readFileSync(join(place.workspace, "written.txt"), "utf8")).toBe("written by the script\n");
  const asked = place.model.messageRequests[0]?.headers;
  expect(asked?.authorization).toMatch(/^Bearer remote-claude/);
  expect(place.model.requests.filter(({ url }) => !url.startsWith("/v1/messages"))).toEqual([]);
  await place.kill();
  await place.start();
  const again = await place.connect();
  await again.send("chat.follow", { cursors: { [conversationId]: api.entries.at(-1)?.seq ?? 0 } });
  await again.prompt(conversationId, "[[script:hello]]");
  await vi.waitFor(() => expect(again.events("turn-ended")).toHaveLength(1), patience);
  expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("The file is written.");
  expect(again.entries[0]?.seq).toBe((api.entries.at(-1)?.seq ?? 0) + 1);
});

describe("In a place that stands ready", () => {
  let ready: SessionPlace;
  afterEach(() => ready.dispose());

  async function startReady(): Promise<number> {
    ready = new SessionPlace({ wholeAgent: true, warmClaude: true });
    await ready.start();
    await vi.waitFor(() => expect(ready.claudeProcesses()).toHaveLength(1), patience);
    return ready.claudeProcesses()[0] ?? 0;
  }

  it("Claude Code is up before anybody comes, asks nothing of the model, and takes the first prompt", async () => {
    const spare = await startReady();
    expect(ready.model.requests).toEqual([]);
    const api = await ready.connect();
    await api.send("chat.follow", { cursors: {} });
    await api.prompt(randomUUID(), "[[script:hello]]");
    await vi.waitFor(() => expect(api.events("turn-ended")).toHaveLength(1), patience);
    expect(ready.claudeProcesses()).toEqual([spare]);
  });

  it("Claude Code makes way when the workspace is filled with what may hold settings of its own", async () => {
    await startReady();
    const api = await ready.connect();
    await api.send("file.open-transfer", { direction: "extract", path: "", maxBytes: 1000 });
    await vi.waitFor(() => expect(ready.claudeProcesses()).toEqual([]), patience);
  });
});
