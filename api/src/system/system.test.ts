import { AppError } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSession, buildUser, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ env: { METRICS_TOKEN: "metrics-token" } });
});
afterAll(() => api.stop());

const away = new AppError("unavailable", "The session manager does not answer.");

describe("the public settings", () => {
  it("say what the other services know, and remember it for ten seconds and while they are away", async () => {
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
    expect((await api.client.get("/api/config")).body.modelKeyConfigured).toBe(false);
    api.manager.failure = away;
    api.clock.advance(10_001);
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

  it("count requests, sessions and people", async () => {
    await buildSession(api, { owner: await buildUser(api), state: "running" });
    const { text, headers } = await api.client
      .with({ authorization: "Bearer metrics-token" })
      .get("/metrics");
    expect(headers["content-type"]).toContain("text/plain");
    expect(text).toMatch(/remote_claude_sessions\{state="running"\} 1/);
    expect(text).toMatch(
      /remote_claude_http_request_duration_seconds_count\{method="GET",status="2xx"\} [1-9]/,
    );
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
    }
  });
});
