import { randomUUID } from "node:crypto";
import { type ActOutcome, AppError } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import {
  buildSession,
  connectSocket,
  gate,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";

let api: TestApi;
let sessionId: string;
let browser: TestSocket;
/** What the session says of an act. */
let outcome: () => Promise<ActOutcome> | ActOutcome;
let asked: number;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  const { user, cookie } = await signedInClient(api);
  ({ id: sessionId } = await buildSession(api, { owner: user, state: "running" }));
  browser?.socket.disconnect();
  browser = await connectSocket(api, { cookie });
  api.agents.commands.length = 0;
  outcome = () => "running";
  asked = 0;
  api.agents.answer("act.outcomes", async (_, { ids }) => {
    asked += 1;
    const found = await outcome();
    return { outcomes: ids.map((id) => ({ id, outcome: found })) };
  });
});

/** A prompt that is sent again and again: how the session answers is each time another. */
async function prompt() {
  const { id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } });
  const payload = { conversationId, messageId: randomUUID(), text: "use sk-ant-api03-abcdefgh" };
  return async (answer: AppError | null | Promise<void>): Promise<boolean> => {
    api.agents.answer("chat.send", async () => {
      if (answer instanceof AppError) throw answer;
      await answer;
      return { seq: 1 };
    });
    return (await browser.send("chat.send", sessionId, payload)).ok;
  };
}

const unheard = new AppError("timeout", "no answer");
const refusal = new AppError("conflict", "not now");
const numbers = () =>
  api.agents.commands.filter(({ type }) => type === "chat.send").map(({ options }) => options?.act);
const underWay = () => api.database.db.auditIntent.count({ where: { sessionId } });
const settled = () => vi.waitFor(async () => expect(await underWay()).toBe(0), { timeout: 20_000 });
const results = async () => {
  const rows = await api.database.db.auditLog.findMany({ where: { sessionId }, orderBy: { id: "asc" } });
  return rows.map(({ result }) => result);
};

it("is one act under one number when it is asked for again while nobody knows of the first try", async () => {
  const send = await prompt();
  expect(await send(unheard)).toBe(false);
  expect(await underWay()).toBe(1);
  expect(await send(null)).toBe(true);
  await settled();
  const [first, second] = numbers();
  expect(second).toBe(first);
  expect(await results()).toEqual(["success"]);
});

it("stays on record as done when the try after it is refused", async () => {
  const send = await prompt();
  await send(unheard);
  outcome = () => "done";
  expect(await send(refusal)).toBe(false);
  await settled();
  expect(await results()).toEqual(["success"]);
});

it("is on record as failed when no try did it", async () => {
  const send = await prompt();
  await send(unheard);
  outcome = () => "never";
  await send(refusal);
  await settled();
  expect(await results()).toEqual(["success", "failed"]);
});

it("is not settled by an answer of before it was asked for again", async () => {
  const send = await prompt();
  const [answered, done] = [gate(), gate()];
  outcome = async (): Promise<ActOutcome> => {
    await answered.closed;
    return "never";
  };
  await send(unheard);
  await vi.waitFor(() => expect(asked).toBe(1), { timeout: 20_000 });
  const second = send(done.closed);
  await vi.waitFor(() => expect(numbers()).toHaveLength(2));
  answered.open();
  // The next one to be settled is another's: by then the answer about this one was read.
  const other = await prompt();
  outcome = () => "done";
  await other(unheard);
  await vi.waitFor(async () => expect(await underWay()).toBe(1), { timeout: 20_000 });
  done.open();
  expect(await second).toBe(true);
  await settled();
  expect(await results()).toEqual(["success", "success"]);
});

it("says nothing of a try that was refused when another has taken it over", async () => {
  const send = await prompt();
  const [refused, done] = [gate(), gate()];
  const first = send(refused.closed.then(() => Promise.reject(refusal)));
  await vi.waitFor(() => expect(numbers()).toHaveLength(1));
  const second = send(done.closed);
  await vi.waitFor(() => expect(numbers()).toHaveLength(2));
  refused.open();
  expect(await first).toBe(false);
  done.open();
  expect(await second).toBe(true);
  await settled();
  expect(await results()).toEqual(["success"]);
});

it("keeps no secret while it is under way", async () => {
  const send = await prompt();
  await send(unheard);
  const [kept] = await api.database.db.auditIntent.findMany({ where: { sessionId } });
  expect(kept?.entry).toMatchObject({ details: { text: "use [redacted]" } });
  expect(JSON.stringify(kept?.entry)).not.toContain("sk-ant");
});
