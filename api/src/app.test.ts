import type { Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  buildSession,
  connectSocket as connect,
  publicUrl,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "./testing/index.ts";

let api: TestApi;
const sockets: Socket[] = [];
beforeAll(async () => {
  api = await startApi();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => api.stop());

async function connectSocket(headers: Record<string, string>, auth: Record<string, unknown> = {}) {
  const connected = await connect(api, headers, auth);
  sockets.push(connected.socket);
  return connected;
}

describe("a live connection", () => {
  it("is refused to nobody, to another site's page and to a token that is none", async () => {
    const { cookie } = await signedInClient(api);
    await expect(connectSocket({ origin: publicUrl })).rejects.toThrow("unauthenticated");
    await expect(connectSocket({ cookie, origin: "http://evil.test" })).rejects.toThrow("forbidden");
    await expect(connectSocket({ cookie }, { token: "rcl_wrong" })).rejects.toThrow("unauthenticated");
  });

  it("hears of its sessions with its own abilities, by cookie or by token", async () => {
    const owner = await signedInClient(api);
    const viewer = await signedInClient(api);
    const stranger = await signedInClient(api);
    const { id } = await buildSession(api, { owner: owner.user, state: "running" });
    await api.database.db.sessionMember.create({
      data: { sessionId: id, userId: viewer.user.id, role: "viewer" },
    });
    const { secret } = (await viewer.client.post("/api/tokens", { name: "cli" })).body;
    const [first, second, third] = await Promise.all([
      connectSocket({ cookie: owner.cookie, origin: publicUrl }),
      connectSocket({}, { token: secret }),
      connectSocket({ cookie: stranger.cookie }),
    ]);
    await owner.client.post(`/api/sessions/${id}/stop`);
    const states = ({ heard }: TestSocket) => heard.map(({ payload }) => payload.session?.state);
    await vi.waitFor(() => expect(states(first).at(-1)).toBe("stopped"));
    await vi.waitFor(() => expect(states(second).at(-1)).toBe("stopped"));
    expect(first.heard.at(-1)?.payload.session?.role).toBe("owner");
    expect(second.heard.at(-1)?.payload.session?.abilities).toEqual(["session.view"]);
    await owner.client.delete(`/api/sessions/${id}`);
    await vi.waitFor(() => expect(second.heard.at(-1)?.type).toBe("session.deleted"));
    expect(third.heard).toEqual([]);
  });

  it("watches its own session and not somebody else's", async () => {
    const { user, cookie } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const own = await connectSocket({ cookie });
    expect(await own.send("session.watch", id)).toMatchObject({
      ok: true,
      payload: { session: { id, state: "running" }, agent: { agentVersion: "fake" } },
    });
    const other = await connectSocket({ cookie: (await signedInClient(api)).cookie });
    expect(await other.send("session.watch", id)).toMatchObject({ ok: false, error: { code: "not_found" } });
  });

  it("counts work in a session as activity", async () => {
    const { user, cookie } = await signedInClient(api);
    const longAgo = new Date(api.clock.now().getTime() - 3_600_000);
    const { id } = await buildSession(api, { owner: user, state: "running", createdAt: longAgo });
    api.agents.answer("file.make-directory", () => ({}));
    const { send } = await connectSocket({ cookie });
    expect(await send("file.make-directory", id, { path: "a" })).toMatchObject({ ok: true });
    await vi.waitFor(async () => {
      const row = await api.database.db.session.findUniqueOrThrow({ where: { id } });
      expect(row.lastActiveAt).toEqual(api.clock.now());
    });
  });

  it("ends with its sign-in and with its token", async () => {
    const { client, cookie, signInId } = await signedInClient(api);
    const { secret, token } = (await client.post("/api/tokens", { name: "cli" })).body;
    const byCookie = await connectSocket({ cookie });
    const byToken = await connectSocket({}, { token: secret });
    await client.delete(`/api/tokens/${token.id}`);
    await vi.waitFor(() => expect(byToken.socket.connected).toBe(false));
    expect(byToken.heard.at(-1)?.payload.reason).toBe("sign-in-again");
    expect(byCookie.socket.connected).toBe(true);
    await client.delete(`/api/auth/sign-ins/${signInId}`);
    await vi.waitFor(() => expect(byCookie.socket.connected).toBe(false));
  });
});
