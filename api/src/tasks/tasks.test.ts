import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import type { Task } from "@remote-claude/protocol";
import { AppError } from "@remote-claude/protocol";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Principal } from "../context.ts";
import {
  type ApiClient,
  asked,
  auditOf,
  buildSession,
  ended,
  failed,
  Journal,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { type TaskQueue, taskQueue } from "./queue.ts";
import { createTask } from "./service.ts";

let api: TestApi;
let queue: TaskQueue;
let owner: User;
let client: ApiClient;
let sessionId: string;
let journal: Journal;
let snapshots: string[];

beforeAll(async () => {
  api = await startApi();
  queue = taskQueue(api.database.url, pino({ level: "silent" }));
  await queue.start();
});
afterAll(async () => {
  await queue.stop();
  await api.stop();
});

beforeEach(async () => {
  ({ user: owner, client } = await signedInClient(api));
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  journal = new Journal(api, sessionId, randomUUID());
  snapshots = ["a".repeat(40), "b".repeat(40), "c".repeat(40)];
  api.agents.commands.length = 0;
  api.agents.patches.clear();
  api.agents.answer("workspace.snapshot", () => ({ snapshot: snapshots.shift() ?? "d".repeat(40) }));
  api.agents.answer("chat.interrupt", () => ({}));
  api.agents.answer("chat.configure", () => ({}));
  api.agents.connection(sessionId, true);
});
afterEach(() => {
  api.agents.reset();
  api.agents.connection(sessionId, false);
});

const path = (rest: string) => `/api/sessions/${sessionId}/${rest}`;
const give = async (body: object = { prompt: "Fix it" }): Promise<Task> => {
  const { status, body: answer } = await client.post(path("claude/task"), body);
  expect(status).toBe(202);
  return answer.task;
};
const look = async (id: string): Promise<Task> => (await client.get(path(`claude/tasks/${id}`))).body.task;
const becomes = (id: string, state: Task["state"], timeout = 15_000) =>
  vi.waitFor(
    async () => {
      const task = await look(id);
      expect(task.state).toBe(state);
      return task;
    },
    { timeout },
  );
const prompted = (count = 1) =>
  vi.waitFor(() => expect(journal.prompts).toHaveLength(count), { timeout: 15_000 });
const commandsOf = (type: string) => api.agents.commands.filter((command) => command.type === type);
const conversationOf = (task: Task) => task.conversationId ?? "";
const jobState = async (id: string) => {
  const rows = await api.database.db.$queryRaw<{ state: string }[]>`
    select state::text as state from pgboss.job where id = ${id}::uuid`;
  return rows[0]?.state ?? null;
};
const principal = (): Principal => ({
  id: owner.id,
  name: owner.name,
  email: owner.email,
  role: "member",
  via: { kind: "sign-in", id: randomUUID() },
  address: null,
  userAgent: null,
  requestId: "r",
});

describe("a task", () => {
  it("is made with its conversation and its place in the queue, or not at all", async () => {
    const { db } = api.database;
    let taskId = "";
    const cut: TaskQueue = {
      ...queue,
      async enqueue(transaction, id, timeoutMs) {
        await queue.enqueue(transaction, id, timeoutMs);
        taskId = id;
        throw new Error("cut off");
      },
    };
    const made = createTask(api.app.context, cut, principal(), sessionId, { prompt: "x" });
    await expect(made).rejects.toThrow("cut off");
    expect(await jobState(taskId)).toBeNull();
    expect(await db.task.count({ where: { sessionId } })).toBe(0);
    expect(await db.conversation.count({ where: { sessionId } })).toBe(0);
    expect(await auditOf(api, sessionId)).toEqual([]);
  });

  it("ends with what Claude said, and its transcript and patch to download", async () => {
    const [from = "", to = ""] = snapshots;
    api.agents.patches.set(`${from}..${to}`, "diff --git a/x b/x\n");
    journal.onPrompt = ({ messageId, conversationId }) => journal.turn(messageId, "Fixed.", conversationId);
    const { id } = await give({ prompt: "Fix\0 it", permissionMode: "acceptEdits" });
    const task = await becomes(id, "succeeded");
    expect(task).toMatchObject({ prompt: "Fix\ufffd it", result: "Fixed.", costUsd: 0.5, attempts: 1 });
    expect(task.artifacts.map(({ kind }) => kind)).toEqual(["transcript", "patch"]);
    const [transcript, patch] = await Promise.all(
      task.artifacts.map((artifact) => client.get(path(`artifacts/${artifact.id}`))),
    );
    const lines = transcript?.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).event.kind);
    expect(lines).toEqual(["user-message", "turn-started", "sdk", "turn-ended"]);
    expect(patch?.text).toBe("diff --git a/x b/x\n");
    expect(patch?.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "19",
      "content-disposition": "attachment; filename*=UTF-8''changes.patch",
      "x-content-type-options": "nosniff",
    });
    expect(commandsOf("chat.configure")[0]?.payload).toMatchObject({ permissionMode: "acceptEdits" });
    expect(commandsOf("chat.send")[0]?.options?.actor).toEqual({ id: owner.id, name: owner.name });
    const acts = await auditOf(api, sessionId);
    expect(acts.filter((act) => act !== "claude.turn-ended").sort()).toEqual([
      "artifact.downloaded",
      "artifact.downloaded",
      "artifact.stored",
      "artifact.stored",
      "claude.prompted",
      "task.created",
      "task.ended",
    ]);
  });

  it("has no patch when nothing changed or there is none to be had, and succeeds all the same", async () => {
    journal.onPrompt = ({ messageId, conversationId }) => journal.turn(messageId, "Done.", conversationId);
    snapshots = Array.from({ length: 2 }, () => "a".repeat(40));
    const { id } = await give();
    expect((await becomes(id, "succeeded")).artifacts.map(({ kind }) => kind)).toEqual(["transcript"]);
    snapshots = ["a".repeat(40), "of which the agent knows nothing any more"];
    expect((await becomes((await give()).id, "succeeded")).artifacts).toHaveLength(1);
    api.agents.answer("workspace.snapshot", () => ({ snapshot: null }));
    expect((await becomes((await give()).id, "succeeded")).artifacts).toHaveLength(1);
  });

  it("waits while a permission is open", async () => {
    const task = await give();
    await prompted();
    const [turnId, requestId, conversation] = [randomUUID(), randomUUID(), conversationOf(task)];
    journal.tell({ kind: "turn-started", turnId, messageId: journal.prompts[0] ?? "" }, conversation);
    journal.tell(asked(turnId, requestId), conversation);
    await becomes(task.id, "waiting");
    const answer = {
      kind: "permission-answered",
      requestId,
      decision: "allow",
      message: null,
      by: null,
    } as const;
    journal.tell(answer, conversation);
    await becomes(task.id, "running");
    journal.tell(ended(turnId), conversation);
    await becomes(task.id, "succeeded");
  });

  it("fails with the turn's reason, and keeps the transcript", async () => {
    const task = await give();
    await prompted();
    const turnId = randomUUID();
    journal.tell({ kind: "turn-started", turnId, messageId: journal.prompts[0] ?? "" }, conversationOf(task));
    journal.tell(failed(turnId, "The model is overloaded."), conversationOf(task));
    expect(await becomes(task.id, "failed")).toMatchObject({
      result: "The model is overloaded.",
      artifacts: [{ kind: "transcript" }],
    });
    const row = await api.database.db.task.findUniqueOrThrow({ where: { id: task.id } });
    expect(row.failure).toBe("overloaded");
  });

  it("fails when its time is up, and Claude is stopped", async () => {
    const request = { prompt: "x", timeoutMinutes: 1 / 60 };
    const { id } = await createTask(api.app.context, queue, principal(), sessionId, request);
    await prompted();
    const task = await becomes(id, "failed");
    expect(task.result).toBe("Not done within 0 minutes.");
    expect(task.artifacts.map(({ kind }) => kind)).toEqual(["transcript"]);
    expect(commandsOf("chat.interrupt")).toHaveLength(1);
    const row = await api.database.db.task.findUniqueOrThrow({ where: { id } });
    expect(row.failure).toBe("timeout");
  });

  it("fails when its session is stopped, and does not start it again", async () => {
    const { id } = await give();
    await prompted();
    expect((await client.post(path("stop"))).status).toBe(200);
    expect((await becomes(id, "failed")).result).toMatch(/stopped/);
    const row = await api.database.db.task.findUniqueOrThrow({ where: { id }, include: { session: true } });
    expect(row).toMatchObject({ failure: "by-user", session: { state: "stopped" } });
  });

  it.each([
    ["may not work in the session any more", /may not work/],
    ["is disabled", /is disabled/],
  ])("of somebody who %s is not begun", async (why, words) => {
    const member = await signedInClient(api);
    const where = { sessionId_userId: { sessionId, userId: member.user.id } };
    await api.database.db.sessionMember.create({
      data: { sessionId, userId: member.user.id, role: "editor" },
    });
    api.agents.unreachable = true;
    const { body } = await member.client.post(path("claude/task"), { prompt: "x" });
    if (why === "is disabled") {
      await api.database.db.user.update({ where: { id: member.user.id }, data: { status: "disabled" } });
    } else await api.database.db.sessionMember.delete({ where });
    expect((await becomes(body.task.id, "failed")).result).toMatch(words);
    expect(journal.prompts).toEqual([]);
  });
});

describe("cancelling", () => {
  it("a queued task means that it never begins", async () => {
    const idle: TaskQueue = { ...queue, enqueue: async () => {} };
    const { id } = await createTask(api.app.context, idle, principal(), sessionId, { prompt: "x" });
    const { body } = await client.post(path(`claude/tasks/${id}/cancel`));
    expect(body.task).toMatchObject({ state: "cancelled" });
    expect(commandsOf("chat.interrupt")).toEqual([]);
    // Even if its job should come up.
    await queue.enqueue(api.database.db, id, 60_000);
    await vi.waitFor(async () => expect(await jobState(id)).toBe("completed"), { timeout: 10_000 });
    expect(journal.prompts).toEqual([]);
    expect((await look(id)).state).toBe("cancelled");
  });

  it("a running one stops Claude, and what comes afterwards changes nothing", async () => {
    const listening = api.agents.listening("chat.delta");
    const { id, conversationId } = await give();
    await prompted();
    expect((await client.post(path(`claude/tasks/${id}/cancel`))).body.task.state).toBe("cancelled");
    expect(commandsOf("chat.interrupt")[0]?.payload).toEqual({ conversationId });
    journal.turn(journal.prompts[0] ?? "", "Too late", conversationId ?? "");
    const again = await client.post(path(`claude/tasks/${id}/cancel`));
    expect(again).toMatchObject({ status: 409, code: "conflict" });
    await vi.waitFor(() => expect(api.agents.listening("chat.delta")).toBe(listening), { timeout: 10_000 });
    expect(await look(id)).toMatchObject({ state: "cancelled", result: null });
    expect((await auditOf(api, sessionId)).filter((act) => act.startsWith("task."))).toEqual([
      "task.created",
      "task.cancelled",
    ]);
  });
});

describe("a task that was cancelled", () => {
  it("keeps the transcript and the patch of what it did until then", async () => {
    const [from = "", to = ""] = snapshots;
    api.agents.patches.set(`${from}..${to}`, "diff --git a/half b/half\n");
    // By what has happened, not by how often it was asked: a task of the test before may be asking still.
    api.agents.answer("workspace.snapshot", () => ({ snapshot: journal.prompts.length === 0 ? from : to }));
    const { id, conversationId } = await give();
    await prompted();
    const turnId = randomUUID();
    const begun = { kind: "turn-started", turnId, messageId: journal.prompts[0] ?? "" } as const;
    journal.tell(begun, conversationId ?? "");
    expect((await client.post(path(`claude/tasks/${id}/cancel`))).status).toBe(200);
    const kept = await vi.waitFor(
      async () => {
        const { artifacts } = await look(id);
        expect(artifacts.map(({ kind }) => kind)).toEqual(["transcript", "patch"]);
        return artifacts;
      },
      { timeout: 15_000 },
    );
    const [transcript, patch] = await Promise.all(
      kept.map((artifact) => client.get(path(`artifacts/${artifact.id}`))),
    );
    expect(transcript?.text).toContain("user-message");
    expect(patch?.text).toBe("diff --git a/half b/half\n");
    expect(await look(id)).toMatchObject({ state: "cancelled", result: null });
  });
});

describe("a task whose worker is gone", () => {
  it("goes on with the same turn after a restart of the api, and ends exactly once", async () => {
    const task = await give();
    await prompted();
    const turnId = randomUUID();
    journal.tell({ kind: "turn-started", turnId, messageId: journal.prompts[0] ?? "" }, conversationOf(task));
    await api.restart();
    client = api.client.with(client.headers);
    await vi.waitFor(() => expect(api.agents.info(sessionId)).not.toBeNull(), { timeout: 15_000 });
    api.agents.connection(sessionId, true);
    journal.tell(ended(turnId), conversationOf(task));
    const done = await becomes(task.id, "succeeded", 20_000);
    expect(done).toMatchObject({ attempts: 1 });
    expect(done.artifacts.map(({ kind }) => kind)).toEqual(["transcript"]);
    expect(journal.prompts).toHaveLength(1);
    const acts = await auditOf(api, sessionId);
    expect(acts.filter((act) => act === "claude.prompted" || act === "task.ended")).toHaveLength(2);
  });

  it("writes nothing when another worker has it", async () => {
    const task = await give();
    await prompted();
    await api.database.db.task.update({ where: { id: task.id }, data: { attemptId: randomUUID() } });
    journal.turn(journal.prompts[0] ?? "", "Mine!", conversationOf(task));
    await vi.waitFor(async () => expect(await jobState(task.id)).toBe("completed"), { timeout: 10_000 });
    expect(await look(task.id)).toMatchObject({ state: "running", artifacts: [], result: null });
    expect(await auditOf(api, sessionId)).not.toContain("artifact.stored");
    expect(commandsOf("chat.interrupt")).toEqual([]);
  });
});

describe("a task whose agent is away", () => {
  it("is tried again, and fails after the last attempt", async () => {
    api.agents.unreachable = true;
    const { id } = await give();
    const task = await becomes(id, "failed", 25_000);
    expect(task).toMatchObject({ attempts: 3, result: "The session's agent did not come up in time." });
  });

  it("makes its patch from where the first attempt began", async () => {
    const [first = "", , third = ""] = snapshots;
    snapshots = [first, third];
    api.agents.patches.set(`${first}..${third}`, "all of it");
    journal.onPrompt = ({ messageId, conversationId }) => journal.turn(messageId, "Done.", conversationId);
    let refusals = 1;
    const lost = new AppError("agent_unreachable", "The connection was lost.");
    api.agents.answer("chat.configure", () => {
      if (refusals-- > 0) throw lost;
      return {};
    });
    const { id } = await give({ prompt: "x", permissionMode: "acceptEdits" });
    const task = await becomes(id, "succeeded");
    expect(task.attempts).toBe(2);
    const patch = task.artifacts.find(({ kind }) => kind === "patch");
    expect((await client.get(path(`artifacts/${patch?.id}`))).text).toBe("all of it");
  });
});

describe("tasks", () => {
  it("are at most a hundred open ones in a session", async () => {
    await api.database.db.task.createMany({
      data: Array.from({ length: 99 }, () => ({
        sessionId,
        createdById: owner.id,
        prompt: "x",
        timeoutMs: 1000,
      })),
    });
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => client.post(path("claude/task"), { prompt: "x" })),
    );
    expect(answers.map(({ code }) => code).sort()).toEqual([null, "quota_exceeded", "quota_exceeded"].sort());
  });

  it("and their artifacts are found in their own session alone, by those who are in it", async () => {
    journal.onPrompt = ({ messageId, conversationId }) => journal.turn(messageId, "Done.", conversationId);
    const { id } = await give();
    const { artifacts } = await becomes(id, "succeeded");
    const stranger = await signedInClient(api);
    const other = await buildSession(api, { owner });
    const elsewhere = `/api/sessions/${other.id}`;
    const artifact = `artifacts/${artifacts[0]?.id}`;
    for (const missing of [
      await stranger.client.get(path(`claude/tasks/${id}`)),
      await stranger.client.post(path(`claude/tasks/${id}/cancel`)),
      await stranger.client.get(path("claude/tasks")),
      await stranger.client.get(path(artifact)),
      await stranger.client.post(path("claude/task"), { prompt: "x" }),
      await client.get(`${elsewhere}/claude/tasks/${id}`),
      await client.post(`${elsewhere}/claude/tasks/${id}/cancel`),
      await client.get(`${elsewhere}/${artifact}`),
      await client.get(path(`artifacts/${randomUUID()}`)),
    ]) {
      expect(missing).toMatchObject({ status: 404, code: "not_found" });
    }
    expect((await client.get(path("claude/tasks"))).body.tasks).toHaveLength(1);
    expect((await client.get(`${elsewhere}/claude/tasks`)).body.tasks).toEqual([]);
    const viewer = await signedInClient(api);
    await api.database.db.sessionMember.create({
      data: { sessionId, userId: viewer.user.id, role: "viewer" },
    });
    expect((await viewer.client.get(path(artifact))).status).toBe(200);
    expect((await viewer.client.post(path("claude/task"), { prompt: "x" })).code).toBe("forbidden");
    expect((await viewer.client.post(path(`claude/tasks/${id}/cancel`))).code).toBe("forbidden");
  });

  it("with nonsense in them are refused", async () => {
    for (const body of [
      {},
      { prompt: "" },
      { prompt: "x", permissionMode: "all" },
      { prompt: "x", timeoutMinutes: 0 },
      { prompt: "x", timeoutMinutes: 1441 },
      { prompt: "x", more: 1 },
    ]) {
      expect((await client.post(path("claude/task"), body)).code).toBe("bad_request");
    }
    expect((await client.get(path("claude/tasks"))).body.tasks).toEqual([]);
  });
});
