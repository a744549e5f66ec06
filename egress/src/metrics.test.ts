import http from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, createHarness, type Harness, type Served, serve, shortAnswer } from "./testing/harness.ts";

let harness: Harness;
let upstream: Served;

beforeAll(async () => {
  harness = await createHarness();
  upstream = await serve(
    http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(shortAnswer("claude-opus-5-5", "hi"));
    }),
  );
});
afterAll(async () => {
  await upstream.close();
  await harness.end();
});

it("counts what sessions asked for and what became of it, and times what it adds itself", async () => {
  const place = await harness.addPlace();
  const egress = await harness.start({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${upstream.port}` });
  const body = JSON.stringify({ model: "claude-opus-5-5", stream: true, messages: [] });
  await ask(place.socketPath, { method: "POST", path: "/v1/messages", body });
  await ask(place.socketPath, { method: "POST", path: "/v1/files", body });
  await ask(place.socketPath, { path: "http://unlisted.example/" });
  const metrics = await fetch(`http://127.0.0.1:${egress.port}/metrics`);
  const text = await metrics.text();
  expect(text).toContain('remote_claude_egress_model_requests_total{result="200"} 1\n');
  expect(text).toContain('remote_claude_egress_model_requests_total{result="not-served"} 1\n');
  expect(text).toContain('remote_claude_egress_decisions_total{door="http",verdict="not-listed"} 1\n');
  expect(text).toContain("remote_claude_egress_model_added_seconds_count 1\n");
  expect(text).toContain("remote_claude_egress_model_first_byte_seconds_count 1\n");
  expect(text).toContain("remote_claude_egress_places 1\n");
  // Of nobody in particular: whoever reaches this address may read it.
  for (const secret of [place.placeId, place.sessionId, place.userId, "unlisted.example", "sk-real-key"])
    expect(text).not.toContain(secret);
});
