import { defaultOrganisationSettings } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publicUrl, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ env: { MAX_SESSIONS_PER_USER: "7" } });
});
beforeEach(() => api.database.db.setting.deleteMany());
afterAll(() => api.stop());

const defaults = { ...defaultOrganisationSettings, maxSessionsPerUser: 7 };
const admin = async () => (await signedInClient(api, { role: "admin" })).client;

describe("the organisation's settings", () => {
  it("are nobody's who is not signed in", async () => {
    expect((await api.client.get("/api/settings")).code).toBe("unauthenticated");
    const change = { body: defaults, headers: { origin: publicUrl } };
    expect((await api.client.ask("PUT", "/api/settings", change)).code).toBe("unauthenticated");
  });

  it.each(["member", "auditor"] as const)("are closed to a %s", async (role) => {
    const { client } = await signedInClient(api, { role });
    expect((await client.get("/api/settings")).code).toBe("forbidden");
    expect((await client.put("/api/settings", defaults)).code).toBe("forbidden");
    expect(await api.database.db.setting.count()).toBe(0);
  });

  it("are the configuration's where no admin chose", async () => {
    expect((await (await admin()).get("/api/settings")).body).toEqual({ settings: defaults, defaults });
  });

  it("hold from the moment they are saved, and the change is on record with what was before", async () => {
    const { client, user } = await signedInClient(api, { role: "admin" });
    const wanted = { ...defaults, idleTimeoutMinutes: 90, allowedModels: ["claude-haiku-*"] };
    const saved = await client.put("/api/settings", wanted);
    expect(saved.body).toEqual({ settings: wanted, defaults });
    expect((await client.get("/api/settings")).body.settings).toEqual(wanted);
    const [row] = await api.database.db.auditLog.findMany({ where: { userId: user.id } });
    expect(row).toMatchObject({
      action: "settings.changed",
      target: "idleTimeoutMinutes, allowedModels",
      details: {
        before: { idleTimeoutMinutes: null, allowedModels: [] },
        after: { idleTimeoutMinutes: 90, allowedModels: ["claude-haiku-*"] },
      },
    });
  });

  it("record nothing when nothing changes, and keep nothing that is the default", async () => {
    const { client, user } = await signedInClient(api, { role: "admin" });
    await client.put("/api/settings", { ...defaults, maxSessionsPerUser: 9 });
    await client.put("/api/settings", { ...defaults, maxSessionsPerUser: 9 });
    await client.put("/api/settings", defaults);
    expect(await api.database.db.setting.count()).toBe(0);
    expect(await api.database.db.auditLog.count({ where: { userId: user.id } })).toBe(2);
  });

  it.each([
    ["no sessions at all", { maxSessionsPerUser: 0 }],
    ["a fraction of a session", { maxRunningSessionsPerUser: 1.5 }],
    ["a minute", { idleTimeoutMinutes: 1 }],
    ["a time that is text", { maxDurationMinutes: "60" }],
    ["a model that is none", { allowedModels: ["claude; drop table"] }],
    ["a budget below nothing", { monthlyBudgetUsd: -1 }],
    ["a setting that is none", { isAdmin: true }],
  ])("refuse %s", async (_, wrong) => {
    expect((await (await admin()).put("/api/settings", { ...defaults, ...wrong })).code).toBe("bad_request");
    expect(await api.database.db.setting.count()).toBe(0);
  });

  it("count as the default where a row does not fit", async () => {
    await api.database.db.setting.create({ data: { key: "idleTimeoutMinutes", value: "soon" } });
    expect((await (await admin()).get("/api/settings")).body.settings).toEqual(defaults);
  });

  it("limit at once how many sessions a person makes", async () => {
    await (await admin()).put("/api/settings", { ...defaults, maxSessionsPerUser: 1 });
    const { client } = await signedInClient(api);
    expect((await client.post("/api/sessions", { name: "one" })).status).toBe(201);
    expect((await client.post("/api/sessions", { name: "two" })).code).toBe("quota_exceeded");
  });
});
