import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createSealer, gitSecretOf, parseSealingKeys } from "@remote-claude/prisma/sealing";
import { gitCredentialTicketSeal } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, publicUrl, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { resealGitCredentials } from "./reseal.ts";

const [older, newer] = ["A", "B"].map((letter) => letter.repeat(43));
const ring = `newer:${newer},older:${older}`;
const token = "ghp_0123456789abcdefghijWXYZ";
let api: TestApi;
/** Stands for egress: what it was asked, and what it answers. */
let egress: Server;
let asked: { keyId: string; ticket: string }[] = [];
let answer: { status: number; body: unknown } = { status: 200, body: {} };

beforeAll(async () => {
  egress = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => egress.listen(0, "127.0.0.1", resolve));
  const { port } = egress.address() as AddressInfo;
  api = await startApi({
    env: { GIT_CREDENTIAL_KEYS: ring, EGRESS_URL: `http://127.0.0.1:${port}` },
  });
});
afterAll(async () => {
  await api.stop();
  egress.close();
});

const somebody = async () => {
  const { client, user } = await signedInClient(api);
  return { client: client.with({ origin: publicUrl }), user };
};
const put = (client: ApiClient, host = "github.com", body: object = { username: "x-access-token", token }) =>
  client.put(`/api/git-credentials/${host}`, body);
const list = async (client: ApiClient) => (await client.get("/api/git-credentials")).body.gitCredentials;
const rowOf = (userId: string, host = "github.com") =>
  api.database.db.gitCredential.findUniqueOrThrow({ where: { userId_host: { userId, host } } });
const recorded = async (userId: string) =>
  (
    await api.database.db.auditLog.findMany({
      where: { userId, action: { startsWith: "git-credential." } },
      orderBy: { at: "asc" },
    })
  ).map(({ action, target, result, details }) => ({ action, target, result, details }));

describe("git credentials", () => {
  it("are nobody's who is not signed in", async () => {
    for (const [method, path] of [
      ["GET", "/api/git-credentials"],
      ["PUT", "/api/git-credentials/github.com"],
      ["DELETE", "/api/git-credentials/github.com"],
      ["POST", "/api/git-credentials/github.com/test"],
    ] as const) {
      const refused = await api.client.with({ origin: publicUrl }).ask(method, path, { body: {} });
      expect([refused.status, refused.code], `${method} ${path}`).toEqual([401, "unauthenticated"]);
    }
  });

  it("of somebody else are not listed, tested, replaced or removed", async () => {
    const [owner, other] = [await somebody(), await somebody()];
    await put(owner.client);
    expect(await list(other.client)).toEqual([]);
    expect((await other.client.delete("/api/git-credentials/github.com")).code).toBe("not_found");
    expect((await other.client.post("/api/git-credentials/github.com/test", {})).code).toBe("not_found");
    await put(other.client, "github.com", { username: "theirs", token: "another-token-of-theirs" });
    expect(await list(owner.client)).toMatchObject([{ host: "github.com", username: "x-access-token" }]);
  });

  it("are sealed for their owner and host, and only their end is shown again", async () => {
    const { client, user } = await somebody();
    const stored = await put(client, "GitHub.com");
    expect(stored.status).toBe(200);
    expect(stored.body.gitCredential).toEqual({
      host: "github.com",
      username: "x-access-token",
      hint: "WXYZ",
      createdAt: expect.any(String),
      lastUsedAt: null,
    });
    expect(stored.text).not.toContain(token);
    expect((await client.get("/api/git-credentials")).text).not.toContain(token);
    const row = await rowOf(user.id);
    expect(Buffer.from(row.secret).includes("ghp_")).toBe(false);
    const sealer = createSealer(parseSealingKeys(ring));
    const sealed = { bytes: row.secret, keyId: row.keyId };
    expect(sealer.open(sealed, gitSecretOf(user.id, "github.com"))).toBe(token);
    expect(() => sealer.open(sealed, gitSecretOf(user.id, "gitlab.com"))).toThrow();
  });

  it("of few characters show none of them", async () => {
    const { client } = await somebody();
    await put(client, "git.example.org:8443", { username: "me", token: "short" });
    expect(await list(client)).toMatchObject([{ host: "git.example.org:8443", hint: "" }]);
  });

  it("are replaced by a second one for the host, which has not been used yet", async () => {
    const { client, user } = await somebody();
    await put(client);
    await api.database.db.gitCredential.updateMany({
      where: { userId: user.id },
      data: { lastUsedAt: new Date() },
    });
    await Promise.all([
      put(client, "github.com", { username: "me", token: "first-of-two-at-once" }),
      put(client, "github.com", { username: "me", token: "second-of-two-at-once" }),
    ]);
    expect(await list(client)).toMatchObject([{ username: "me", hint: "once", lastUsedAt: null }]);
  });

  it("are gone when they are removed, and both are on record without the token", async () => {
    const { client, user } = await somebody();
    await put(client);
    expect((await client.delete("/api/git-credentials/github.com")).status).toBe(204);
    expect((await client.delete("/api/git-credentials/github.com")).code).toBe("not_found");
    expect(await list(client)).toEqual([]);
    const rows = await recorded(user.id);
    expect(rows).toEqual([
      {
        action: "git-credential.stored",
        target: "github.com",
        result: "success",
        details: { username: "x-access-token", keyId: "newer" },
      },
      { action: "git-credential.deleted", target: "github.com", result: "success", details: {} },
    ]);
    expect(JSON.stringify(rows)).not.toContain("ghp_");
  });

  it.each([
    "https%3A%2F%2Fgithub.com",
    "github.com%2Fowner",
    "me@github.com",
    "github.com:443",
    "github.com:0",
    "-x.example",
    "git%20hub.com",
    "%C3%A9.example",
    ".",
    "x".repeat(300),
  ])("are not stored for the host %s", async (host) => {
    const { client } = await somebody();
    const refused = await put(client, host);
    expect([refused.status, refused.code]).toEqual(
      refused.status === 404 ? [404, "not_found"] : [400, "bad_request"],
    );
    expect(await list(client)).toEqual([]);
  });

  it.each([
    ["no token", { username: "me" }],
    ["an empty token", { username: "me", token: " " }],
    ["a token of two lines", { username: "me", token: "secret-part\r\nx: y" }],
    ["a token that is not ASCII", { username: "me", token: "secret-part-é" }],
    ["a token that is too long", { username: "me", token: `secret-part${"x".repeat(4097)}` }],
    ["a user name with a colon", { username: "a:b", token: "secret-part" }],
    ["a user name with a line", { username: "a\nb", token: "secret-part" }],
    ["a user name that is too long", { username: "x".repeat(256), token: "secret-part" }],
    ["an unknown field", { username: "me", token: "secret-part", userId: "x" }],
    ["a list", ["secret-part"]],
  ])("are refused with %s, and the refusal does not repeat it", async (_, body) => {
    const { client } = await somebody();
    const refused = await put(client, "github.com", body);
    expect([refused.status, refused.code]).toEqual([400, "bad_request"]);
    expect(refused.text).not.toContain("secret-part");
  });

  it("are fifty at most", async () => {
    const { client, user } = await somebody();
    const row = { userId: user.id, username: "x", secret: Buffer.of(1), keyId: "newer" };
    await api.database.db.gitCredential.createMany({
      data: Array.from({ length: 50 }, (_, n) => ({ ...row, host: `h${n}.example` })),
    });
    expect((await put(client)).code).toBe("quota_exceeded");
    expect((await put(client, "h7.example")).status).toBe(200);
  });

  it("must be changed from our own pages, where a cookie speaks", async () => {
    const { client } = await signedInClient(api);
    const refused = await put(client.with({ origin: "https://evil.example" }));
    expect(refused.status).toBe(403);
  });
});

describe("testing a git credential", () => {
  it("asks egress with a sealed ticket, and hands its words on", async () => {
    const { client, user } = await somebody();
    await put(client);
    asked = [];
    answer = { status: 200, body: { outcome: "refused", message: "github.com does not accept it." } };
    const tested = await client.post("/api/git-credentials/github.com/test", { repository: "owner/project" });
    expect(tested.body).toEqual(answer.body);
    const [request] = asked;
    const bytes = Buffer.from(request?.ticket ?? "", "base64url");
    const sealer = createSealer(parseSealingKeys(ring));
    const ticket = sealer.open({ bytes, keyId: request?.keyId ?? "" }, gitCredentialTicketSeal);
    expect(JSON.parse(ticket)).toEqual({
      userId: user.id,
      host: "github.com",
      repository: "owner/project",
      expiresAt: expect.any(String),
    });
    expect(JSON.stringify(asked)).not.toContain(user.id);
    expect(await recorded(user.id)).toMatchObject([
      {},
      { action: "git-credential.tested", result: "refused", details: { outcome: "refused" } },
    ]);
  });

  it("says so when egress does not answer as it should", async () => {
    const { client } = await somebody();
    await put(client);
    answer = { status: 500, body: {} };
    const failed = await client.post("/api/git-credentials/github.com/test", {});
    expect([failed.status, failed.code]).toEqual([503, "unavailable"]);
  });

  it("is limited, and refuses a repository that leads elsewhere", async () => {
    const { client } = await somebody();
    await put(client);
    answer = { status: 200, body: { outcome: "accepted", message: "." } };
    for (const repository of ["../x", "a/../../b", "a b", "a?b", "x".repeat(501)]) {
      const refused = await client.post("/api/git-credentials/github.com/test", { repository });
      expect(refused.code, repository).toBe("bad_request");
    }
    for (let n = 0; n < 20; n += 1) {
      expect((await client.post("/api/git-credentials/github.com/test", {})).status).toBe(200);
    }
    expect((await client.post("/api/git-credentials/github.com/test", {})).code).toBe("rate_limited");
  });
});

describe("a new key", () => {
  it("seals anew what older keys sealed, and leaves alone what does not open", async () => {
    const { user } = await somebody();
    const owner = gitSecretOf(user.id, "github.com");
    const { bytes, keyId } = createSealer(parseSealingKeys(`older:${older}`)).seal(token, owner);
    const common = { userId: user.id, username: "x", keyId, secret: new Uint8Array(bytes) };
    await api.database.db.gitCredential.createMany({
      data: [
        { ...common, host: "github.com" },
        { ...common, host: "moved.example" },
      ],
    });
    expect(await resealGitCredentials(api.app.context)).toBe(1);
    const row = await rowOf(user.id);
    expect(row.keyId).toBe("newer");
    const alone = createSealer(parseSealingKeys(`newer:${newer}`));
    expect(alone.open({ bytes: row.secret, keyId: row.keyId }, owner)).toBe(token);
    expect((await rowOf(user.id, "moved.example")).keyId).toBe("older");
  });
});
