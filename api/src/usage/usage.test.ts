import type { User } from "@remote-claude/prisma";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cell } from "../lib/csv.ts";
import {
  type ApiClient,
  buildUser,
  connectSocket,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { noticeBudgets } from "./index.ts";

let api: TestApi;
let admin: { client: ApiClient; user: User };
beforeAll(async () => {
  api = await startApi();
  admin = await signedInClient(api, { role: "admin" });
});
afterAll(() => api.stop());

const spend = (user: User, costUsd: number, { model = "claude-a", at = api.clock.now() } = {}) =>
  api.database.db.modelUsage.create({
    data: {
      userId: user.id,
      model,
      costUsd,
      at,
      status: 200,
      durationMs: 1,
      inputTokens: 100,
      cacheReadTokens: 10,
      outputTokens: 7,
    },
  });

describe("what one spent oneself", () => {
  it("is not told to who has not signed in, nor anybody else's", async () => {
    expect((await api.client.get("/api/usage")).code).toBe("unauthenticated");
    const { client } = await signedInClient(api);
    await spend(await buildUser(api), 3);
    expect((await client.get("/api/usage")).body).toMatchObject({ costUsd: 0, days: [], models: [] });
  });

  it("is summed by day and model, beside the budget that counts", async () => {
    const { client, user } = await signedInClient(api);
    await spend(user, 0.25);
    await spend(user, 0.5, { model: "claude-b" });
    await spend(user, 7, { at: new Date("2026-01-31T23:59:59Z") });
    await api.database.db.user.update({ where: { id: user.id }, data: { monthlyBudgetUsd: 10 } });
    const { body } = await client.get("/api/usage");
    expect(body).toMatchObject({
      costUsd: 0.75,
      budgetUsd: 10,
      days: [{ costUsd: 0.75 }],
      models: [
        { model: "claude-b", costUsd: 0.5, requests: 1, inputTokens: 110, outputTokens: 7 },
        { model: "claude-a", costUsd: 0.25 },
      ],
    });
    const january = (await client.get("/api/usage?month=2026-01")).body;
    expect(january).toMatchObject({ month: "2026-01", days: [{ day: "2026-01-31", costUsd: 7 }] });
    expect((await client.get("/api/usage?month=2026-13")).code).toBe("bad_request");
  });
});

describe("what everybody spent", () => {
  it("is summed by person, model and day, and exported line by line", async () => {
    const month = "2025-03";
    const at = new Date("2025-03-05T12:00:00Z");
    const evil = await api.database.db.user.create({
      data: { email: "evil@example.org", name: '=HYPERLINK("x"),1' },
    });
    const other = await buildUser(api);
    await spend(evil, 2, { at });
    await spend(other, 1, { at, model: "claude-b" });
    const { body } = await admin.client.get(`/api/admin/spend?month=${month}`);
    expect(body).toMatchObject({
      month,
      costUsd: 3,
      days: [{ day: "2025-03-05", costUsd: 3 }],
      models: [{ model: "claude-a" }, { model: "claude-b" }],
      users: [
        { user: { id: evil.id }, costUsd: 2 },
        { user: { id: other.id }, costUsd: 1 },
      ],
    });
    const one = (await admin.client.get(`/api/admin/spend?month=${month}&userId=${other.id}`)).body;
    expect(one).toMatchObject({ costUsd: 1, users: [{ user: { id: other.id } }] });
    const table = await admin.client.get(`/api/admin/spend.csv?month=${month}`);
    expect(table.headers["content-type"]).toContain("text/csv");
    expect(table.headers["content-disposition"]).toContain("remote-claude-spend-2025-03.csv");
    const [head, ...lines] = table.text.trim().split("\r\n");
    expect(head).toMatch(/^day,email,name,model/);
    expect(lines).toContain(
      `2025-03-05,evil@example.org,"'=HYPERLINK(""x""),1",claude-a,1,100,7,10,0,2.000000`,
    );
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["@x", "'@x"],
    ['a"b', '"a""b"'],
    ["a,b", '"a,b"'],
    ["plain", "plain"],
    [-5, "-5"],
  ])("writes %j as %s", (value, text) => expect(cell(value)).toBe(text));
});

describe("a budget", () => {
  it("is said once at 80 and once at 100 percent, to that person and on record", async () => {
    const { user, cookie } = await signedInClient(api);
    const bystander = await signedInClient(api);
    const [socket, theirs] = [
      await connectSocket(api, { cookie }),
      await connectSocket(api, { cookie: bystander.cookie }),
    ];
    await admin.client.patch(`/api/admin/users/${user.id}`, { monthlyBudgetUsd: 1 });
    const percents = () => socket.of("account.budget-reached").map(({ percent }) => percent);
    const look = () => noticeBudgets(api.app.context);
    await spend(user, 0.79);
    await look();
    await spend(user, 0.01);
    // Two apis look at once, and then again.
    await Promise.all([look(), look()]);
    await look();
    await vi.waitFor(() => expect(percents()).toEqual([80]));
    await spend(user, 0.2);
    await look();
    await vi.waitFor(() => expect(percents()).toEqual([80, 100]));
    expect(theirs.of("account.budget-reached")).toEqual([]);
    const rows = await api.database.db.auditLog.findMany({
      where: { action: "budget.reached", target: user.email },
    });
    expect(rows.map(({ actorKind, onBehalfOf }) => [actorKind, onBehalfOf])).toEqual([
      ["system", user.id],
      ["system", user.id],
    ]);
    for (const { socket: open } of [socket, theirs]) open.disconnect();
  });

  it("of the organisation counts where somebody has none of their own", async () => {
    const user = await buildUser(api);
    const { settings } = (await admin.client.get("/api/settings")).body;
    await admin.client.put("/api/settings", { ...settings, monthlyBudgetUsd: 2 });
    await spend(user, 2);
    await noticeBudgets(api.app.context);
    await admin.client.put("/api/settings", settings);
    expect(await api.database.db.budgetNotice.count({ where: { userId: user.id } })).toBe(2);
    const { users } = (await admin.client.get("/api/admin/spend")).body;
    expect(users.find((row: { user: User }) => row.user.id === user.id)).toMatchObject({ budgetUsd: null });
  });
});
