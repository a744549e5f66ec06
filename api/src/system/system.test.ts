import { AppError } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildSession, buildUser, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ env: { METRICS_TOKEN: "metrics-token" } });
});
afterAll(() => api.stop());

const away = new AppError("unavailable", "The session manager does not answer.");

describe("the public settings", () => {
  it("say what the other services know, ask again behind an answer, and remember it while they are away", async () => {
    const first = (await api.client.get("/api/config")).body;
    expect(first).toMatchObject({
      mode: "standalone",
      signIn: { password: true },
      isolation: "bubblewrap",
      modelKeyConfigured: true,
    });
    expect(first.templates.map(({ name }: { name: string }) => name)).toEqual(["default"]);
    api.egress.modelKeyConfigured = false;
    expect((await api.client.get("/api/config")).body.modelKeyConfigured).toBe(true);
    api.clock.advance(10_001);
    expect((await api.client.get("/api/config")).body.modelKeyConfigured).toBe(true);
    await vi.waitFor(async () =>
      expect((await api.client.get("/api/config")).body.modelKeyConfigured).toBe(false),
    );
    api.egress.modelKeyConfigured = true;
    api.clock.advance(60_001);
    expect((await api.client.get("/api/config")).body.modelKeyConfigured).toBe(true);
    api.manager.failure = away;
    api.clock.advance(60_001);
    expect((await api.client.get("/api/config")).body.isolation).toBe("bubblewrap");
    api.manager.failure = null;
  });
});

describe("health and readiness", () => {
  it("tell a living process from one whose dependencies answer", async () => {
    expect((await api.client.get("/api/ready")).body).toEqual({
      status: "ok",
      checks: { database: "ok", manager: "ok", storage: "ok", egress: "ok" },
    });
    api.manager.failure = away;
    const ready = await api.client.get("/api/ready");
    expect([ready.status, ready.code]).toEqual([503, "unavailable"]);
    expect(ready.body.error.details.checks).toMatchObject({ database: "ok", manager: "failed" });
    expect((await api.client.get("/api/health")).body).toEqual({ status: "ok" });
    api.manager.failure = null;
  });

  it("do not ask who somebody is", async () => {
    const client = api.client.with({ cookie: "remote-claude.sign-in=nonsense", authorization: "Bearer x" });
    expect((await client.get("/api/health")).status).toBe(200);
  });
});

describe("metrics", () => {
  it("are there for the token alone", async () => {
    for (const headers of [{}, { authorization: "Bearer wrong" }]) {
      const answer = await api.client.with(headers as Record<string, string>).get("/metrics");
      expect(answer.status).toBe(404);
    }
  });

  const read = async () =>
    (await api.client.with({ authorization: "Bearer metrics-token" }).get("/metrics")).text;

  it("count requests by route, errors, sessions and people, and print what the other services count", async () => {
    const session = await buildSession(api, { owner: await buildUser(api), state: "running" });
    await api.client.get("/api/config");
    await api.client.get(`/api/sessions/${session.id}/files`);
    await api.client.get("/nowhere");
    const text = await read();
    expect(text).toContain('remote_claude_sessions{state="running"} 1\n');
    expect(text).toContain('remote_claude_sessions{state="failed"} 0\n');
    expect(text).toContain("remote_claude_places 1\n");
    for (const labels of [
      'route="config",method="GET",status="2xx"',
      'route="sessions/files",method="GET",status="4xx"',
      'route="other",method="GET",status="4xx"',
    ]) {
      expect(text).toMatch(
        new RegExp(`remote_claude_http_request_duration_seconds_count\\{${labels}\\} [1-9]`),
      );
    }
    expect(text).toMatch(/remote_claude_errors_total\{door="http",code="unauthenticated"\} [1-9]/);
    expect(text).toContain("remote_claude_egress_places 3\n");
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
    }
    const heads = text.match(/^# TYPE \S+/gm) ?? [];
    expect(new Set(heads).size).toBe(heads.length);
  });

  it("say which service does not answer, and print the others all the same", async () => {
    expect(await read()).toContain('remote_claude_up{service="session-manager"} 1\n');
    api.manager.failure = away;
    const text = await read();
    api.manager.failure = null;
    expect(text).toContain('remote_claude_up{service="session-manager"} 0\n');
    expect(text).toContain('remote_claude_up{service="egress"} 1\n');
    expect(text).toContain("remote_claude_users_active");
  });

  it("sum up what was asked of each model, the dearest by name", async () => {
    const user = await buildUser(api);
    const usage = (model: string, costUsd: number) => ({
      userId: user.id,
      model,
      costUsd,
      status: 200,
      durationMs: 1,
    });
    const { db } = api.app.context;
    await db.modelUsage.createMany({
      data: [
        { ...usage("claude-dear", 3), inputTokens: 10, outputTokens: 20 },
        { ...usage("claude-dear", 4), inputTokens: 1 },
        ...Array.from({ length: 45 }, (_, index) => usage(`invented-${index}`, 0.5)),
      ],
    });
    const text = await read();
    expect(text).toContain('remote_claude_model_cost_usd_total{model="claude-dear"} 7\n');
    expect(text).toContain('remote_claude_model_tokens_total{model="claude-dear",kind="input"} 11\n');
    expect(text).toContain('remote_claude_model_requests_total{model="other"} 6\n');
    expect(text.match(/remote_claude_model_cost_usd_total\{/g)).toHaveLength(41);
  });

  it("tell how tasks wait", async () => {
    const owner = await buildUser(api);
    const session = await buildSession(api, { owner, state: "running" });
    const { db } = api.app.context;
    const createdAt = new Date(api.clock.now().getTime() - 90_000);
    await db.task.create({
      data: { sessionId: session.id, createdById: owner.id, prompt: "x", timeoutMs: 1000, createdAt },
    });
    const text = await read();
    expect(text).toContain('remote_claude_tasks{state="queued"} 1\n');
    expect(text).toContain("remote_claude_task_queue_age_seconds 90\n");
  });
});

describe("a request's id", () => {
  it("is the one it came with, or a new one, in the answer and towards the other services", async () => {
    const client = api.client.with({ "x-request-id": "an-id-of-the-test" });
    api.clock.advance(10_001);
    const { headers } = await client.get("/api/ready");
    expect(headers["x-request-id"]).toBe("an-id-of-the-test");
    expect(api.egress.requestIds).toContain("an-id-of-the-test");
    expect((await api.client.get("/api/health")).headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});
