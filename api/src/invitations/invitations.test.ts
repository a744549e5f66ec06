import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
let admin: ApiClient;
beforeAll(async () => {
  api = await startApi({ env: { ALLOWED_DOMAINS: "example.org" } });
  admin = (await signedInClient(api, { role: "admin" })).client;
});
afterAll(() => api.stop());

const password = "correct horse battery staple";
let counter = 0;
const address = () => `invited-${++counter}@example.org`;
const invite = async (email: string, more: object = {}) => {
  const answer = await admin.post("/api/invitations", { email, ...more });
  return { ...answer, token: String(answer.body.link).split("#")[1] ?? "" };
};
const accept = (token: string, more: object = {}) =>
  api.client.post("/api/auth/invitations/accept", { token, name: "Ada", password, ...more });

describe("invitations", () => {
  it("are an admin's to make, see and revoke", async () => {
    const { client: member } = await signedInClient(api);
    for (const [method, path, body] of [
      ["GET", "/api/invitations", undefined],
      ["POST", "/api/invitations", { email: address() }],
      ["DELETE", `/api/invitations/${crypto.randomUUID()}`, undefined],
    ] as const) {
      expect((await api.client.ask(method, path, { body })).status).toBe(401);
      expect((await member.ask(method, path, { body })).status).toBe(403);
    }
    expect((await admin.delete(`/api/invitations/${crypto.randomUUID()}`)).status).toBe(404);
  });

  it("let one person in, once, with the role they name", async () => {
    const email = address();
    const { status, token, body } = await invite(email.toUpperCase(), { role: "auditor" });
    expect(status).toBe(201);
    expect(body.link).toBe(`${api.app.context.config.publicUrl}/sign-in/invitation#${token}`);
    expect(body.invitation).toMatchObject({ email, role: "auditor", state: "open" });
    const look = await api.client.post("/api/auth/invitations/look", { token });
    expect(look.body).toEqual({ email, role: "auditor", password: true });
    const accepted = await accept(token);
    expect(accepted.body.user).toMatchObject({ email, name: "Ada", role: "auditor" });
    const cookie = String(accepted.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await api.client.get("/api/auth/user", { headers: { cookie } })).status).toBe(200);
    expect((await accept(token)).status).toBe(404);
    const { body: list } = await admin.get("/api/invitations");
    expect(list.invitations.find((one: { email: string }) => one.email === email).state).toBe("accepted");
    expect(JSON.stringify(list)).not.toContain(token);
  });

  it("end by time, by revocation, and when another is made for the address", async () => {
    const first = await invite(address(), { expiresInDays: 1 });
    api.clock.advance(25 * 3_600_000);
    expect((await accept(first.token)).status).toBe(404);
    const { client } = await signedInClient(api, { role: "admin" });
    admin = client;
    const second = await invite(address());
    expect((await admin.delete(`/api/invitations/${second.body.invitation.id}`)).status).toBe(204);
    expect((await accept(second.token)).status).toBe(404);
    const email = address();
    const replaced = await invite(email);
    const newer = await invite(email);
    expect((await accept(replaced.token)).status).toBe(404);
    expect((await accept(newer.token)).status).toBe(200);
    expect((await invite(email)).code).toBe("conflict");
  });

  it("keep to the allowed domains and to passwords that are long enough", async () => {
    expect((await invite("somebody@elsewhere.example")).code).toBe("conflict");
    const { token } = await invite(address());
    expect((await accept(token, { password: "too short" })).code).toBe("bad_request");
    expect((await accept("unknown")).status).toBe(404);
  });

  it("are used by one of two who come at once", async () => {
    const { token } = await invite(address());
    const answers = await Promise.all([accept(token), accept(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  });
});
