import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import type { OfferedModel } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  buildSession,
  connectSocket,
  Journal,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";

let api: TestApi;
let owner: User;
let socket: TestSocket;
let sessionId: string;
let conversationId: string;
let journal: Journal;

const offered = (value: string, resolved: string): OfferedModel => ({
  value,
  displayName: value,
  description: "",
  resolved,
  efforts: ["low", "high"],
  thinkingCanBeOff: true,
});

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  const signedIn = await signedInClient(api);
  owner = signedIn.user;
  socket = await connectSocket(api, { cookie: signedIn.cookie });
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  ({ id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } }));
  journal = new Journal(api, sessionId, conversationId);
  api.agents.answer("chat.partials", () => ({ partials: [] }));
  api.agents.answer("chat.configure", () => ({}));
  api.agents.answer("chat.offered-models", () => ({
    models: [
      offered("default", "claude-opus-5"),
      offered("sonnet", "claude-sonnet-5-5"),
      offered("haiku", "claude-haiku-5"),
    ],
  }));
  api.agents.connection(sessionId, true);
  await vi.waitFor(() => expect(journal.follows).toBeGreaterThan(0));
});
afterEach(async () => {
  api.agents.connection(sessionId, false);
  socket.socket.disconnect();
  await api.database.db.setting.deleteMany();
});

const valuesFor = async (asking = socket) => {
  const { payload } = await asking.send("chat.models", sessionId);
  return payload.models.map(({ value }: OfferedModel) => value);
};
const allow = (value: string[]) => api.database.db.setting.create({ data: { key: "allowedModels", value } });

describe("the models to choose from", () => {
  it("are not for strangers", async () => {
    const stranger = await connectSocket(api, { cookie: (await signedInClient(api)).cookie });
    expect(await stranger.send("chat.models", sessionId)).toMatchObject({ error: { code: "not_found" } });
    stranger.socket.disconnect();
  });

  it("are all that Claude Code offers where nobody says otherwise", async () => {
    expect(await valuesFor()).toEqual(["default", "sonnet", "haiku"]);
  });

  it("are those that the organisation and the owner's own list let through", async () => {
    await allow(["claude-sonnet-5-5", "claude-haiku-*"]);
    expect(await valuesFor()).toEqual(["sonnet", "haiku"]);
    await api.database.db.user.update({
      where: { id: owner.id },
      data: { allowedModels: ["claude-haiku-5"] },
    });
    expect(await valuesFor()).toEqual(["haiku"]);
  });

  it("are the only ones that a conversation takes, by whichever name", async () => {
    await allow(["claude-sonnet-5-5"]);
    const configure = (model: string | null) =>
      socket.send("chat.configure", sessionId, { conversationId, model });
    for (const model of ["haiku", "claude-opus-5", "anything"]) {
      expect(await configure(model), model).toMatchObject({ error: { code: "forbidden" } });
    }
    for (const model of ["sonnet", "claude-sonnet-5-5", null]) {
      expect(await configure(model), String(model)).toMatchObject({ ok: true });
    }
  });
});

describe("a prompt of a conversation for which nobody chose a model", () => {
  const send = () =>
    socket.send("chat.send", sessionId, { conversationId, messageId: randomUUID(), text: "hello" });
  /** What the agent was told to do, in order. */
  function listen(): unknown[] {
    const told: unknown[] = [];
    api.agents.answer("chat.configure", (_, { model }) => {
      told.push(model);
      return {};
    });
    api.agents.answer("chat.send", () => {
      told.push("sent");
      return { seq: 1 };
    });
    return told;
  }

  it("goes to Claude Code's own choice where that may be used", async () => {
    const told = listen();
    await send();
    await allow(["claude-opus-*"]);
    await send();
    expect(told).toEqual(["sent", "sent"]);
  });

  it("goes to the first that may be used where that may not, and as it is where none may", async () => {
    const told = listen();
    await allow(["claude-haiku-5", "claude-sonnet-5-5"]);
    expect(await send()).toMatchObject({ ok: true });
    await api.database.db.user.update({ where: { id: owner.id }, data: { allowedModels: ["another"] } });
    expect(await send()).toMatchObject({ ok: true });
    expect(told).toEqual(["sonnet", "sent", "sent"]);
  });

  it("leaves a model that somebody chose", async () => {
    const told = listen();
    await allow(["claude-haiku-5"]);
    await api.database.db.conversation.update({ where: { id: conversationId }, data: { model: "haiku" } });
    await send();
    expect(told).toEqual(["sent"]);
  });
});

describe("effort, thinking and limits", () => {
  it("are kept with the conversation as the journal says, announced, and on record", async () => {
    await socket.send("session.watch", sessionId);
    const change = { effort: "high", thinking: false, stepLimit: 20, budgetUsd: 1.5 };
    expect(await socket.send("chat.configure", sessionId, { conversationId, ...change })).toMatchObject({
      ok: true,
    });
    const by = { id: owner.id, name: owner.name };
    journal.tell({ kind: "configured", model: null, permissionMode: "default", ...change, by } as never);
    await vi.waitFor(() =>
      expect(socket.of("chat.conversation-changed").at(-1)).toMatchObject({
        conversation: { steering: change },
      }),
    );
    const audit = await api.database.db.auditLog.findFirst({
      where: { sessionId, action: "claude.configured" },
    });
    expect(audit?.details).toMatchObject(change);
    // An entry of a former release says nothing of them: they stay.
    journal.tell({ kind: "configured", model: "sonnet", permissionMode: "plan", by });
    await vi.waitFor(() =>
      expect(socket.of("chat.conversation-changed").at(-1)).toMatchObject({
        conversation: { model: "sonnet", steering: change },
      }),
    );
  });

  it("have bounds", async () => {
    for (const change of [{ stepLimit: 0 }, { stepLimit: 1.5 }, { budgetUsd: -1 }, { effort: "most" }]) {
      const answer = await socket.send("chat.configure", sessionId, { conversationId, ...change });
      expect(answer, JSON.stringify(change)).toMatchObject({ error: { code: "bad_request" } });
    }
  });
});
