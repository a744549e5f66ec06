import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { User } from "@remote-claude/prisma";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ApiClient,
  buildSession,
  connectSocket,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";

let directory: string;
let api: TestApi;
let owner: User;
let client: ApiClient;
let socket: TestSocket;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "rc-modes-"));
  const file = join(directory, "templates.yaml");
  const modes = "[default, plan, bypassPermissions]";
  writeFileSync(file, `templates: [{ name: default }, { name: bold, permissionModes: ${modes} }]`);
  api = await startApi({ env: { TEMPLATES_FILE: file } });
  for (const type of ["chat.configure", "chat.answer"] as const) api.agents.answer(type, () => ({}));
});
afterAll(async () => {
  await api.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  const signedIn = await signedInClient(api);
  ({ user: owner, client } = signedIn);
  socket = await connectSocket(api, { cookie: signedIn.cookie });
  api.agents.commands.length = 0;
});
afterEach(() => void socket.socket.disconnect());

async function sessionOf(template: string) {
  const { id: sessionId } = await buildSession(api, { owner, state: "running" });
  await api.database.db.session.update({ where: { id: sessionId }, data: { template } });
  const { id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } });
  return { sessionId, conversationId };
}

const bypasses = (sessionId: string) =>
  api.database.db.auditLog.findMany({
    where: { sessionId, action: "claude.bypass-chosen" },
    select: { result: true, userId: true },
  });

describe("the mode that asks nothing", () => {
  it("is refused by its name where the template has it not, before the agent hears of it, and on record", async () => {
    const { sessionId, conversationId } = await sessionOf("default");
    const permissionMode = "bypassPermissions";
    const refused = {
      ok: false,
      error: { code: "forbidden", message: expect.stringContaining(permissionMode) },
    };
    expect(await socket.send("chat.configure", sessionId, { conversationId, permissionMode })).toMatchObject(
      refused,
    );
    const approval = { conversationId, requestId: randomUUID(), decision: "allow", mode: permissionMode };
    expect(await socket.send("chat.answer", sessionId, approval)).toMatchObject(refused);
    const task = { prompt: "x", permissionMode };
    expect((await client.post(`/api/sessions/${sessionId}/claude/task`, task)).code).toBe("forbidden");
    expect(api.agents.commands).toEqual([]);
    expect(await bypasses(sessionId)).toEqual(Array(3).fill({ result: "refused", userId: owner.id }));
  });

  it("is told to the agent where the template has it, and on record too", async () => {
    const { sessionId, conversationId } = await sessionOf("bold");
    const chosen = { conversationId, permissionMode: "bypassPermissions" };
    expect(await socket.send("chat.configure", sessionId, chosen)).toMatchObject({ ok: true });
    expect(api.agents.commands).toMatchObject([{ type: "chat.configure", payload: chosen }]);
    expect(await bypasses(sessionId)).toEqual([{ result: "success", userId: owner.id }]);
  });

  it("is not had by a session whose template is gone", async () => {
    const { sessionId, conversationId } = await sessionOf("gone");
    const chosen = { conversationId, permissionMode: "bypassPermissions" };
    expect(await socket.send("chat.configure", sessionId, chosen)).toMatchObject({ ok: false });
  });
});

describe("other modes", () => {
  it("are those of the template, and nothing is recorded of bypassing", async () => {
    const { sessionId, conversationId } = await sessionOf("bold");
    const choose = (permissionMode: string) =>
      socket.send("chat.configure", sessionId, { conversationId, permissionMode });
    expect(await choose("plan")).toMatchObject({ ok: true });
    expect(await choose("auto")).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect(await choose("acceptEdits")).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect(await bypasses(sessionId)).toEqual([]);
  });
});
