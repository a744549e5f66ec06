import { routes, signInCookieName } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  buildSession,
  connectSocket,
  publicUrl,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { commandLimits, routeLimits } from "./limits.ts";
import { openApiDocument } from "./openapi.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe("what one person may ask for", () => {
  it("is limited where it tells whether somebody is here, for that person alone, and comes back with time", async () => {
    const [{ client, user }, other] = [await signedInClient(api), await signedInClient(api)];
    const { id } = await buildSession(api, { owner: user });
    const { id: theirs } = await buildSession(api, { owner: other.user });
    const body = { email: "nobody@example.org", role: "viewer" };
    const add = () => client.post(`/api/sessions/${id}/members`, body);
    const { capacity = 0, windowMs = 0 } = routeLimits.addMember ?? {};
    for (let count = 0; count < capacity; count += 1) expect((await add()).code).toBe("not_found");
    const refused = await add();
    expect(refused.code).toBe("rate_limited");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await other.client.post(`/api/sessions/${theirs}/members`, body)).code).toBe("not_found");
    expect((await client.get(`/api/sessions/${id}/members`)).status).toBe(200);
    api.clock.advance(windowMs / capacity);
    expect((await add()).code).toBe("not_found");
  });

  it("is limited on the socket too", async () => {
    const { user, cookie } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    api.agents.answer("file.search", () => ({}) as never);
    const socket = await connectSocket(api, { cookie });
    const search = () => socket.send("file.search", id, { query: "x", searchId: id });
    const { capacity = 0 } = commandLimits["file.search"] ?? {};
    const answers = await Promise.all(Array.from({ length: capacity + 1 }, search));
    const codes = answers.map(({ error }) => error?.code).filter((code) => code === "rate_limited");
    expect(codes).toHaveLength(1);
    socket.socket.disconnect();
  });

  it("is said in the OpenAPI document", () => {
    const { paths } = openApiDocument("test", signInCookieName(publicUrl)) as unknown as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    for (const name of Object.keys(routeLimits)) {
      const { path = "", method = "" } = routes.get(name as "createSession") ?? {};
      expect(Object.keys(paths[path]?.[method.toLowerCase()]?.responses ?? {}), name).toContain("429");
    }
  });
});

describe("what a cookie speaks for", () => {
  const changes = [...routes].filter(([, { method, crossSite }]) => method !== "GET" && crossSite !== true);

  it.each(changes)("%s is refused when another site's page sends it", async (_, { method, path }) => {
    const { client } = await signedInClient(api);
    const filled = path.replaceAll(/\{\w+\}/g, "01a21955-e14f-7591-a89b-a40d7cdae6a4");
    const body = method === "DELETE" ? {} : { body: {} };
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: `${publicUrl}.evil.example` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      const answer = await client.ask(method, filled, {
        ...body,
        headers: headers as Record<string, string>,
      });
      expect(answer.code, JSON.stringify(headers)).toBe("forbidden");
      expect(answer.body.error.message).toMatch(/came from a page of another address/);
    }
  });
});
