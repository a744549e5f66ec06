import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectSocket, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ env: { SIGN_IN_MAX_HOURS: "100" } });
});
afterAll(() => api.stop());

const hour = 3_600_000;
const ask = async (cookie: string, headers: Record<string, string> = {}) => {
  const answer = await api.client.get("/api/auth/user", { headers: { cookie, ...headers } });
  const set = answer.headers["set-cookie"];
  return { status: answer.status, next: set === undefined ? null : (String(set).split(";")[0] ?? "") };
};
/** Somebody whose cookie has changed once, and who has used the new one. */
async function rotated() {
  const { cookie: first, signInId, user } = await signedInClient(api);
  await api.database.db.signIn.update({
    where: { id: signInId },
    data: { expiresAt: new Date(api.clock.now().getTime() + 90 * hour) },
  });
  api.clock.advance(hour + 1);
  const second = (await ask(first)).next ?? "";
  expect(second).not.toBe("");
  expect((await ask(second)).status).toBe(200);
  return { first, second, signInId, user };
}

describe("a cookie's id", () => {
  it("changes each hour that it is used, and stays the same sign-in", async () => {
    const { second, signInId } = await rotated();
    const { body } = await api.client.get("/api/auth/sign-ins", { headers: { cookie: second } });
    expect(body.signIns).toMatchObject([{ id: signInId, current: true }]);
    api.clock.advance(hour + 1);
    expect((await ask(second)).next).not.toBeNull();
  });

  it("counts until the new one was seen, whose answer may be lost, and for requests under way", async () => {
    const { cookie: first, signInId } = await signedInClient(api);
    await api.database.db.signIn.update({
      where: { id: signInId },
      data: { expiresAt: new Date(api.clock.now().getTime() + 90 * hour) },
    });
    api.clock.advance(hour + 1);
    const lost = (await ask(first)).next;
    expect(lost).not.toBeNull();
    expect(await ask(first)).toEqual({ status: 200, next: null });
    api.clock.advance(hour + 1);
    const second = (await ask(first)).next ?? "";
    expect((await ask(second)).status).toBe(200);
    api.clock.advance(30_000);
    expect((await ask(first)).status).toBe(200);
  });

  it("that is old ends the sign-in, for the thief and the owner, sockets included", async () => {
    const { first, second, user } = await rotated();
    const live = await connectSocket(api, { cookie: second });
    const closed = new Promise((resolve) => live.socket.once("disconnect", resolve));
    api.clock.advance(61_000);
    expect((await ask(first)).status).toBe(401);
    expect((await ask(second)).status).toBe(401);
    await closed;
    const [row] = await api.database.db.auditLog.findMany({
      where: { userId: user.id, action: "sign-in.ended" },
    });
    expect(row).toMatchObject({ result: "refused", details: { reason: "an old id of it was used again" } });
  });

  it("that was dropped unseen ends the sign-in when it is shown after all", async () => {
    const { second } = await rotated();
    api.clock.advance(hour + 1);
    // Whoever got this one keeps quiet for an hour, while the browser goes by the id before it.
    const unseen = (await ask(second)).next ?? "";
    api.clock.advance(hour + 1);
    const third = (await ask(second)).next ?? "";
    expect((await ask(third)).status).toBe(200);
    expect((await ask(unseen)).status).toBe(401);
    expect((await ask(third)).status).toBe(401);
  });

  it("is known for old however many came after it", async () => {
    const { first, second } = await rotated();
    let cookie = second;
    for (let times = 0; times < 3; times += 1) {
      api.clock.advance(hour + 1);
      cookie = (await ask(cookie)).next ?? "";
      expect((await ask(cookie)).status).toBe(200);
    }
    expect((await ask(first)).status).toBe(401);
    expect((await ask(cookie)).status).toBe(401);
  });

  it("changes once when many ask at once, and not for a page, which could not hand it on", async () => {
    const { second } = await rotated();
    api.clock.advance(hour + 1);
    expect((await ask(second, { "x-page-request": "1" })).next).toBeNull();
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(second)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ next }) => next !== null)).toHaveLength(1);
  });

  it("does not outlive the longest time, however much it is used", async () => {
    // An hour old already.
    let { second: cookie } = await rotated();
    for (let used = 1; used < 99; used += 14) {
      const { status, next } = await ask(cookie);
      expect(status).toBe(200);
      cookie = next ?? cookie;
      api.clock.advance(14 * hour);
    }
    expect((await ask(cookie)).status).toBe(200);
    api.clock.advance(2 * hour);
    expect((await ask(cookie)).status).toBe(401);
  });
});
