import { randomUUID } from "node:crypto";
import { newId, type User } from "@remote-claude/prisma";
import { type CommandType, commands, deviceGrantType, type RouteName, routes } from "@remote-claude/protocol";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiClient,
  buildSession,
  buildUser,
  connectSocket,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { type Coverage, commandCoverage, routeCoverage } from "./audit-coverage.ts";

const password = "correct horse battery staple";
const form = { "content-type": "application/x-www-form-urlencoded" };

let api: TestApi;
let admin: { client: ApiClient; user: User };
let owner: { client: ApiClient; user: User; cookie: string };
let guest: User;
let sessionId: string;
let conversationId: string;

beforeAll(async () => {
  api = await startApi();
  admin = await signedInClient(api, { role: "admin" });
  owner = await signedInClient(api);
  guest = await buildUser(api);
  ({ id: sessionId } = await buildSession(api, { owner: owner.user, state: "running" }));
  ({ id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } }));
  api.agents.files.set("notes.txt", { content: "x", etag: `"${"0".repeat(64)}"` });
  api.agents.answer("workspace.execute", () => ({ stdout: "", stderr: "", exitCode: 0, truncated: false }));
  api.agents.answer("workspace.snapshot", () => ({ snapshot: "a".repeat(40) }));
});
afterAll(() => api.stop());

/** The actions on record since, of the person or session that an act was of. */
async function actionsSince(known: ReadonlySet<string>): Promise<string[]> {
  const rows = await api.database.db.auditLog.findMany({ select: { id: true, action: true } });
  return rows.filter(({ id }) => !known.has(id)).map(({ action }) => action);
}
const knownRows = async () =>
  new Set((await api.database.db.auditLog.findMany({ select: { id: true } })).map(({ id }) => id));

type Ask = NonNullable<Parameters<ApiClient["ask"]>[2]>;

interface Act extends Ask {
  readonly client: ApiClient;
  /** The placeholders of the route's path, and `?…` behind it. */
  readonly path?: Record<string, string>;
  readonly query?: string;
}

/** Somebody with a password, signed in. */
const someone = async () => signedInClient(api, { user: await buildUser(api, { password }) });
const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: api.clock.now().getTime() });

async function withSecondFactor() {
  const one = await someone();
  const { secret } = (await one.client.post("/api/auth/second-factor")).body;
  await one.client.post("/api/auth/second-factor/confirm", { code: codeOf(secret) });
  return one;
}
async function invited(): Promise<{ id: string; token: string }> {
  const { body } = await admin.client.post("/api/invitations", { email: `${newId()}@example.org` });
  return { id: body.invitation.id, token: String(body.link).split("#")[1] ?? "" };
}
async function linkMade(): Promise<{ id: string; secret: string }> {
  const { body } = await owner.client.post(`/api/sessions/${sessionId}/share-links`, { role: "viewer" });
  return { id: body.link.id, secret: String(body.url).split("#")[1] ?? "" };
}
const sessionOf = (state: "running" | "stopped") => buildSession(api, { owner: owner.user, state });
async function memberOf(): Promise<User> {
  const user = await buildUser(api);
  await api.database.db.sessionMember.create({ data: { sessionId, userId: user.id, role: "viewer" } });
  return user;
}
async function deviceBegun(): Promise<{ user: string; device: string }> {
  const { body } = await api.client.post("/api/oauth/device", "client_id=rclaude", form);
  return { user: body.user_code, device: body.device_code };
}
async function taskGiven(): Promise<string> {
  const data = { sessionId, createdById: owner.user.id, prompt: "x", timeoutMs: 60_000 };
  return (await api.database.db.task.create({ data })).id;
}
const entries = new Set<string>();
const alertRule = {
  name: "Told at once",
  kind: "bypass-chosen",
  enabled: true,
  threshold: 1,
  windowMinutes: 1,
  quietMinutes: 1,
  channel: "slack",
  recipients: [],
};
async function ruleMade(): Promise<string> {
  return (await admin.client.post("/api/audit/alert-rules", alertRule)).body.rule.id;
}

/** An entry that nobody has looked at. */
async function someEntry(): Promise<string> {
  const { id } = await api.database.db.auditLog.findFirstOrThrow({
    where: { id: { notIn: [...entries] }, userId: { not: null } },
  });
  entries.add(id);
  return id;
}
const inSession = () => ({ client: owner.client, path: { sessionId } });

/** How each act is done. What it is for, nothing but that: the row must come of it. */
const acts: Partial<Record<RouteName, () => Promise<Act> | Act>> = {
  login: async () => {
    const { email } = (await someone()).user;
    return { client: api.client, body: { email, password } };
  },
  logout: async () => ({ client: (await someone()).client }),
  createToken: () => ({ client: owner.client, body: { name: "script" } }),
  revokeToken: async () => {
    const { body } = await owner.client.post("/api/tokens", { name: "old" });
    return { client: owner.client, path: { tokenId: body.token.id } };
  },
  revokeSignIn: async () => {
    const one = await someone();
    const other = await signedInClient(api, { user: one.user });
    return { client: one.client, path: { signInId: other.signInId } };
  },
  revokeOtherSignIns: async () => {
    const one = await someone();
    await signedInClient(api, { user: one.user });
    return { client: one.client };
  },
  putGitCredential: () => ({
    client: owner.client,
    path: { host: "github.com" },
    body: { username: "me", token: "a-token-of-somebody" },
  }),
  deleteGitCredential: async () => {
    await owner.client.put("/api/git-credentials/old.example", {
      username: "me",
      token: "a-token-of-somebody",
    });
    return { client: owner.client, path: { host: "old.example" } };
  },
  changePassword: async () => ({
    client: (await someone()).client,
    body: { current: password, password: "another horse, another staple" },
  }),
  confirmSecondFactor: async () => {
    const { client } = await someone();
    const { secret } = (await client.post("/api/auth/second-factor")).body;
    return { client, body: { code: codeOf(secret) } };
  },
  disableSecondFactor: async () => ({ client: (await withSecondFactor()).client, body: { password } }),
  makeRecoveryCodes: async () => ({ client: (await withSecondFactor()).client, body: { password } }),
  requestDeviceToken: async () => {
    const { user, device } = await deviceBegun();
    await owner.client.post(`/api/oauth/devices/${user}`, { decision: "approve" });
    const fields = { grant_type: deviceGrantType, device_code: device, client_id: "rclaude" };
    return { client: api.client, body: new URLSearchParams(fields).toString(), headers: form };
  },
  answerDevice: async () => ({
    client: owner.client,
    path: { userCode: (await deviceBegun()).user },
    body: { decision: "approve" },
  }),
  createInvitation: () => ({ client: admin.client, body: { email: `${newId()}@example.org` } }),
  revokeInvitation: async () => ({ client: admin.client, path: { invitationId: (await invited()).id } }),
  acceptInvitation: async () => ({
    client: api.client,
    body: { token: (await invited()).token, name: "Ada", password },
  }),
  changeSettings: async () => {
    const { settings } = (await admin.client.get("/api/settings")).body;
    return { client: admin.client, body: { ...settings, adminsMayLookInside: true } };
  },
  changeUser: async () => ({
    client: admin.client,
    path: { userId: (await buildUser(api)).id },
    body: { role: "auditor" },
  }),
  deleteUser: async () => ({
    client: admin.client,
    path: { userId: (await buildUser(api)).id },
    body: { sessions: "delete" },
  }),
  resetSecondFactor: async () => ({
    client: admin.client,
    path: { userId: (await withSecondFactor()).user.id },
  }),
  stopAnySession: async () => ({
    client: admin.client,
    path: { sessionId: (await sessionOf("running")).id },
  }),
  lookInside: async () => {
    const { settings } = (await admin.client.get("/api/settings")).body;
    await admin.client.put("/api/settings", { ...settings, adminsMayLookInside: true });
    return { client: admin.client, path: { sessionId }, body: { reason: "It misbehaves" } };
  },
  // Each looks for something else: the same again within minutes is the same look.
  listAudit: () => ({ client: admin.client, query: "?text=first" }),
  countAudit: () => ({ client: admin.client, query: "?text=second" }),
  getAuditEntry: async () => ({ client: admin.client, path: { auditId: await someEntry() } }),
  proveAuditEntry: async () => ({ client: admin.client, path: { auditId: await someEntry() } }),
  exportAuditTable: () => ({ client: admin.client, query: "?text=third" }),
  exportAuditLines: () => ({ client: admin.client, query: "?text=third" }),
  exportAuditBundle: () => ({ client: admin.client, query: "?text=third" }),
  getAuditStory: () => ({ client: admin.client, path: { sessionId } }),
  createSession: () => ({ client: owner.client, body: { name: "new" } }),
  renameSession: () => ({ ...inSession(), body: { name: "renamed" } }),
  deleteSession: async () => ({ client: owner.client, path: { sessionId: (await sessionOf("stopped")).id } }),
  stopSession: async () => ({ client: owner.client, path: { sessionId: (await sessionOf("running")).id } }),
  pauseSession: async () => ({ client: owner.client, path: { sessionId: (await sessionOf("running")).id } }),
  resumeSession: async () => ({ client: owner.client, path: { sessionId: (await sessionOf("stopped")).id } }),
  executeCommand: () => ({ ...inSession(), body: { command: "ls" } }),
  addMember: () => ({ ...inSession(), body: { email: guest.email, role: "viewer" } }),
  changeMember: async () => ({
    client: owner.client,
    path: { sessionId, userId: (await memberOf()).id },
    body: { role: "editor" },
  }),
  removeMember: async () => ({ client: owner.client, path: { sessionId, userId: (await memberOf()).id } }),
  leaveSession: async () => ({
    client: (await signedInClient(api, { user: await memberOf() })).client,
    path: { sessionId },
  }),
  createShareLink: () => ({ ...inSession(), body: { role: "viewer" } }),
  revokeShareLink: async () => ({ client: owner.client, path: { sessionId, linkId: (await linkMade()).id } }),
  acceptShareLink: async () => ({
    client: (await someone()).client,
    body: { secret: (await linkMade()).secret },
  }),
  readFile: () => ({ client: owner.client, path: { sessionId, path: "notes.txt" } }),
  writeFile: () => ({ client: owner.client, path: { sessionId, path: "new.txt" }, body: "text" }),
  uploadFiles: () => {
    const body = new FormData();
    body.append("file", new Blob(["x"]), "up.txt");
    return { ...inSession(), body };
  },
  deleteFile: () => ({ client: owner.client, path: { sessionId, path: "notes.txt" } }),
  createAlertRule: () => ({ client: admin.client, body: alertRule }),
  changeAlertRule: async () => ({
    client: admin.client,
    path: { ruleId: await ruleMade() },
    body: alertRule,
  }),
  deleteAlertRule: async () => ({ client: admin.client, path: { ruleId: await ruleMade() } }),
  testAlertRule: async () => ({ client: admin.client, path: { ruleId: await ruleMade() } }),
  exportConversation: () => ({ client: owner.client, path: { sessionId, conversationId } }),
  createTask: () => ({ ...inSession(), body: { prompt: "Fix it" } }),
  cancelTask: async () => ({ client: owner.client, path: { sessionId, taskId: await taskGiven() } }),
};

/** What needs another side that only a suite of its own has: that suite holds the row against the act. */
const provedElsewhere: Partial<Record<RouteName, string>> = {
  testGitCredential: "git-credentials/git-credentials.test.ts: an egress that answers",
  samlAnswer: "identities/saml.test.ts: a provider that signs",
  samlSignedOut: "identities/sign-out.test.ts: a provider that signs",
  backChannelLogout: "identities/back-channel.test.ts: a provider that signs",
  unlinkIdentity: "admin/ways-in.test.ts: somebody who came by a provider",
  testDelivery: "audit-delivery/audit-delivery.test.ts: a place to deliver to",
  startVerification: "audit-review/review.test.ts: a verification that ends",
  chatWithClaude: "chat/post-chat.test.ts: a Claude that answers",
  downloadRecording: "recordings/recordings.test.ts: a terminal that was recorded",
  downloadArtifact: "tasks/tasks.test.ts: a task that has ended",
};

const recorded = (coverage: Coverage): coverage is Exclude<Coverage, { unrecorded: string }> =>
  Array.isArray(coverage);
const actionsOf = (coverage: Coverage): readonly string[] => (recorded(coverage) ? coverage : []);

describe("every route of the OpenAPI document", () => {
  it("is on record, or on the list of those that need not be", () => {
    expect(Object.keys(routeCoverage).sort()).toEqual([...routes.keys()].sort());
    const driven = [...Object.keys(acts), ...Object.keys(provedElsewhere)].sort();
    const names = Object.entries(routeCoverage).filter(([, coverage]) => recorded(coverage));
    expect(driven).toEqual(names.map(([name]) => name).sort());
  });

  it.each(Object.keys(acts) as RouteName[])(
    "%s leaves its action on record when it is done",
    async (name) => {
      const definition = routes.get(name);
      const act = await acts[name]?.();
      if (definition === undefined || act === undefined) throw new Error("there is none");
      const known = await knownRows();
      const path = definition.path.replaceAll(/\{(\w+)\}/g, (_, part: string) => act.path?.[part] ?? "");
      const answer = await act.client.ask(definition.method, `${path}${act.query ?? ""}`, act);
      expect(answer.status, answer.text).toBeLessThan(300);
      const found = await actionsSince(known);
      expect(found.filter((action) => actionsOf(routeCoverage[name]).includes(action))).not.toEqual([]);
    },
  );
});

const etag = `"${"0".repeat(64)}"`;
const inConversation = () => ({ conversationId, messageId: randomUUID() });

/** What each command is sent with. */
const payloads: Partial<Record<CommandType, () => Record<string, unknown>>> = {
  "terminal.create": () => ({ cols: 80, rows: 24 }),
  "terminal.close": () => ({ terminalId: randomUUID() }),
  "file.make-directory": () => ({ path: "made" }),
  "file.move": () => ({ from: "a", to: "b" }),
  "file.delete": () => ({ path: "a" }),
  "workspace.execute": () => ({ command: "ls" }),
  "changes.revert": () => ({
    base: { kind: "commit" },
    path: "a",
    from: null,
    originalEtag: null,
    currentEtag: null,
    hunk: null,
  }),
  "changes.commit": () => ({
    message: "Fix it",
    author: { name: "Ada", email: "ada@example.org" },
    paths: null,
  }),
  "changes.init": () => ({}),
  "chat.send": () => ({ ...inConversation(), text: "Fix it" }),
  "chat.edit-queued": () => ({ ...inConversation(), text: "Fix that" }),
  "chat.remove-queued": inConversation,
  "chat.interrupt": () => ({ conversationId }),
  "chat.answer": () => ({ conversationId, requestId: randomUUID(), decision: "deny" }),
  "chat.configure": () => ({ conversationId, permissionMode: "plan" }),
  "rule.remove": () => ({ rule: "Bash(ls)", behavior: "allow", scope: "session" }),
  "claude.add-server": () => ({
    scope: "project",
    name: "docs",
    config: { type: "http", url: "https://docs.example", headers: {} },
  }),
  "claude.remove-server": () => ({ scope: "project", name: "docs" }),
  "claude.switch-server": () => ({ conversationId, name: "docs", enabled: false }),
  "claude.finish-sign-in": () => ({
    conversationId,
    name: "docs",
    address: "http://localhost:4567/callback?code=of-the-server",
  }),
  "claude.write-file": () => ({ path: "CLAUDE.md", content: "Be kind", ifMatch: null }),
  "claude.delete-file": () => ({ path: "CLAUDE.md", ifMatch: etag }),
  "claude.choose-style": () => ({ conversationId, name: "terse" }),
  "conversation.rewind": () => ({ ...inConversation(), what: "both", overwrite: [] }),
  "conversation.archive": () => ({ conversationId, archived: true }),
};
/** conversations/conversations.test.ts has a journal with something to fork. */
const commandsElsewhere: CommandType[] = ["conversation.fork"];

describe("every command of the protocol", () => {
  it("is on record, or on the list of those that need not be", () => {
    expect(Object.keys(commandCoverage).sort()).toEqual([...commands.keys()].sort());
    for (const [type, { audit }] of commands) {
      if (audit !== undefined) expect(commandCoverage[type as CommandType], type).toEqual([audit.action]);
    }
    const names = Object.entries(commandCoverage).filter(([, coverage]) => recorded(coverage));
    expect([...Object.keys(payloads), ...commandsElsewhere].sort()).toEqual(
      names.map(([name]) => name).sort(),
    );
  });

  it.each(Object.keys(payloads) as CommandType[])("%s leaves its action on record", async (type) => {
    const socket = await connectSocket(api, { cookie: owner.cookie });
    try {
      const known = await knownRows();
      const reply = await socket.send(type, sessionId, payloads[type]?.());
      // What the session makes of it is the session's: the row was there before it was told.
      expect(["bad_request", "forbidden"], JSON.stringify(reply.error)).not.toContain(reply.error?.code);
      const found = await actionsSince(known);
      expect(found.filter((action) => actionsOf(commandCoverage[type]).includes(action))).not.toEqual([]);
    } finally {
      socket.socket.disconnect();
    }
  });
});
