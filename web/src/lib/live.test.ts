import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AppError } from "@remote-claude/protocol";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live } from "./live.ts";
import { SessionWatches } from "./session-watch.ts";

const sessionId = "0192f000-0000-7000-8000-000000000001";
const terminalId = "0192f000-0000-7000-8000-000000000002";

type Answer = (reply: unknown) => void;
interface Received {
  type: string;
  sessionId: string;
  payload: { query?: string };
  answer: Answer;
}

/** A real socket.io server that says nothing of its own accord; tests answer what it received. */
class Api {
  readonly received: Received[] = [];
  readonly #http: HttpServer = createServer();
  refuseWith: unknown = null;
  io: Server = this.#open();
  port = 0;

  #open(): Server {
    const io = new Server(this.#http, { path: "/socket.io", transports: ["websocket"] });
    io.use((_, next) =>
      next(
        this.refuseWith === null ? undefined : Object.assign(new Error("refused"), { data: this.refuseWith }),
      ),
    );
    io.on("connection", (socket: Socket) =>
      socket.on("command", (type, session, payload, answer) =>
        this.received.push({ type, sessionId: session, payload, answer }),
      ),
    );
    return io;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(this.port, "127.0.0.1", resolve));
    this.port = (this.#http.address() as AddressInfo).port;
    return this;
  }

  /** As a crash does it: the connections end without a word. */
  async crash(): Promise<void> {
    for (const socket of await this.io.fetchSockets()) socket.disconnect(true);
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }

  /** The next command that has not been taken yet. */
  async next(): Promise<Received> {
    return vi.waitFor(() => {
      const first = this.received.shift();
      if (first === undefined) throw new Error("nothing was received");
      return first;
    });
  }
}

let api: Api;
let live: Live;
let signInAgain: ReturnType<typeof vi.fn<() => void>>;

beforeEach(async () => {
  api = await new Api().listen();
  signInAgain = vi.fn<() => void>();
  live = new Live({
    url: `http://127.0.0.1:${api.port}`,
    retryMs: [5, 20],
    onSignInAgain: signInAgain,
  });
});

afterEach(async () => {
  live.close();
  await api.io.close();
});

const until = (status: string) =>
  vi.waitFor(() => expect(live.connection.getState().status).toBe(status), { timeout: 5000 });
const find = (query: string, options = {}) =>
  live.command("file.find", sessionId, { query, limit: 10 }, options);
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it was not refused"),
    (error: AppError) => error,
  );

describe("a command", () => {
  it("goes out with type, session and payload, and resolves with the reply", async () => {
    const reply = find("a");
    const command = await api.next();
    expect(command).toMatchObject({ type: "file.find", sessionId, payload: { query: "a", limit: 10 } });
    command.answer({ ok: true, payload: { paths: ["a.ts"] } });
    expect(await reply).toEqual({ paths: ["a.ts"] });
  });

  it("rejects with the server's error", async () => {
    const promise = refusal(find("a"));
    (await api.next()).answer({ ok: false, error: { code: "session_not_ready", message: "Not yet." } });
    expect(await promise).toMatchObject({ name: "AppError", code: "session_not_ready", message: "Not yet." });
  });

  it("rejects with internal when the answer is no answer", async () => {
    const promise = refusal(find("a"));
    (await api.next()).answer({ ok: false, error: "?" });
    expect((await promise).code).toBe("internal");
  });

  it("waits for the connection and keeps its order", async () => {
    await api.crash();
    const replies = [find("1"), find("2"), find("3")];
    await vi.waitFor(() => expect(live.connection.getState().attempt).toBeGreaterThan(0));
    await api.listen();
    const commands = [await api.next(), await api.next(), await api.next()];
    expect(commands.map(({ payload }) => payload.query)).toEqual(["1", "2", "3"]);
    for (const { answer } of commands) answer({ ok: true, payload: { paths: [] } });
    await Promise.all(replies);
  });

  it("fails at once without a connection when told to", async () => {
    await api.crash();
    live.connect();
    expect((await refusal(find("a", { offline: "fail" }))).code).toBe("unavailable");
  });

  it("rejects, and is not sent again, when the connection breaks before the answer", async () => {
    const promise = refusal(find("a"));
    await api.next();
    await api.crash();
    expect((await promise).code).toBe("unavailable");
    await api.listen();
    await until("connected");
    const later = find("later");
    const command = await api.next();
    expect(command.payload.query).toBe("later");
    command.answer({ ok: true, payload: { paths: [] } });
    await later;
  });

  it("is sent again after every reconnect until answered when twice counts once", async () => {
    const reply = find("a", { offline: "resend" });
    await api.next();
    await api.crash();
    await api.listen();
    await api.next();
    await api.crash();
    await api.listen();
    (await api.next()).answer({ ok: true, payload: { paths: ["b.ts"] } });
    expect(await reply).toEqual({ paths: ["b.ts"] });
  });

  it("gives up after its time", async () => {
    const promise = refusal(find("a", { timeoutMs: 20 }));
    expect((await promise).code).toBe("timeout");
  });
});

describe("events", () => {
  it("reach the listeners of their session and those of all sessions, and no others", async () => {
    const here = vi.fn();
    const elsewhere = vi.fn();
    const everywhere = vi.fn();
    live.on("terminal.closed", sessionId, here);
    live.on("terminal.closed", "other", elsewhere);
    live.on("terminal.closed", null, everywhere);
    await until("connected");
    api.io.emit("event", "terminal.closed", sessionId, { terminalId });
    await vi.waitFor(() => expect(everywhere).toHaveBeenCalledWith({ terminalId }, sessionId));
    expect(here).toHaveBeenCalledWith({ terminalId }, sessionId);
    expect(elsewhere).not.toHaveBeenCalled();
  });

  it("stop when the listener is taken away", async () => {
    const gone = vi.fn();
    const stays = vi.fn();
    live.on("terminal.closed", sessionId, gone)();
    live.on("terminal.closed", sessionId, stays);
    await until("connected");
    api.io.emit("event", "terminal.closed", sessionId, { terminalId });
    await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce());
    expect(gone).not.toHaveBeenCalled();
  });

  it("carry bytes as Uint8Array", async () => {
    const output = vi.fn();
    live.on("terminal.output", sessionId, output);
    await until("connected");
    api.io.emit("event", "terminal.output", sessionId, {
      terminalId,
      offset: 0,
      data: Buffer.from([1, 2, 255]),
    });
    await vi.waitFor(() => expect(output).toHaveBeenCalledOnce());
    const [payload] = output.mock.lastCall ?? [];
    expect(payload.data).toBeInstanceOf(Uint8Array);
    expect([...payload.data]).toEqual([1, 2, 255]);
  });
});

describe("the connection", () => {
  it("runs what must be kept on the server again before commands that waited", async () => {
    live.onConnected(() => void find("kept").catch(() => undefined));
    (await api.next()).answer({ ok: true, payload: { paths: [] } });
    await api.crash();
    await until("reconnecting");
    const waiting = find("waited");
    await api.listen();
    const [first, second] = [await api.next(), await api.next()];
    expect([first.payload.query, second.payload.query]).toEqual(["kept", "waited"]);
    second.answer({ ok: true, payload: { paths: [] } });
    await waiting;
    expect(live.connection.getState().epoch).toBe(2);
  });

  it("comes back when the server closes it with a reason that allows it", async () => {
    live.connect();
    await until("connected");
    api.io.emit("event", "session.connection-closing", null, { reason: "shutting-down" });
    api.io.disconnectSockets(true);
    await vi.waitFor(() => expect(live.connection.getState().epoch).toBe(2));
    expect(signInAgain).not.toHaveBeenCalled();
  });

  it("goes to the sign-in page when told to sign in again, and rejects what waits", async () => {
    const promise = refusal(find("a"));
    await api.next();
    api.io.emit("event", "session.connection-closing", null, { reason: "sign-in-again" });
    expect((await promise).code).toBe("unavailable");
    expect(signInAgain).toHaveBeenCalledOnce();
    expect(live.connection.getState().status).toBe("signed-out");
    expect((await refusal(find("b"))).code).toBe("unauthenticated");
  });

  it("goes to the sign-in page when the handshake is refused for want of a sign-in", async () => {
    api.refuseWith = { code: "unauthenticated", message: "Sign in first." };
    live.connect();
    await until("signed-out");
    expect(signInAgain).toHaveBeenCalledOnce();
  });

  it("keeps the server's words while it has no room for this page, and comes in when it has", async () => {
    api.refuseWith = { code: "quota_exceeded", message: "You have 2 pages open. Close some of them." };
    live.connect();
    await vi.waitFor(() => expect(live.connection.getState().refusal).toContain("Close some"));
    api.refuseWith = null;
    await until("connected");
    expect(live.connection.getState().refusal).toBeNull();
  });

  it("tries again when the handshake is refused for another reason", async () => {
    api.refuseWith = { code: "unavailable", message: "Starting." };
    live.connect();
    await vi.waitFor(() => expect(live.connection.getState().attempt).toBeGreaterThan(1));
    api.refuseWith = null;
    await until("connected");
    expect(live.connection.getState().attempt).toBe(0);
  });

  it("asks for a reload when the server is newer than the page, and does not come back", async () => {
    live.connect();
    await until("connected");
    api.io.emit("event", "session.connection-closing", null, { reason: "version-too-old" });
    await until("outdated");
    await vi.waitFor(() => expect(api.io.engine.clientsCount).toBe(0));
  });
});

describe("a watched session", () => {
  const session = { id: sessionId, name: "one", state: "running" };
  const agent = { bootId: terminalId };
  const answerWatch = async (with_: unknown) => {
    const command = await api.next();
    expect(command.type).toBe("session.watch");
    command.answer({ ok: true, payload: with_ });
  };

  it("is watched once however many ask, and unwatched when the last one leaves", async () => {
    const watches = new SessionWatches(live);
    const [first, second] = [watches.subscribe(sessionId), watches.subscribe(sessionId)];
    await answerWatch({ session, agent });
    await vi.waitFor(() => expect(watches.store(sessionId).getState().epoch).toBe(1));
    first();
    second();
    expect((await api.next()).type).toBe("session.unwatch");
  });

  it("is taken over by its first subscriber when the watch was begun ahead, and ends with it", async () => {
    const watches = new SessionWatches(live);
    watches.begin(sessionId);
    await answerWatch({ session, agent });
    const end = watches.subscribe(sessionId);
    await vi.waitFor(() => expect(watches.store(sessionId).getState().epoch).toBe(1));
    end();
    expect((await api.next()).type).toBe("session.unwatch");
  });

  it("is watched again after a reconnect, and tells readers to begin again", async () => {
    const watches = new SessionWatches(live);
    watches.subscribe(sessionId);
    await answerWatch({ session, agent });
    await vi.waitFor(() => expect(watches.store(sessionId).getState().agent).toEqual(agent));
    await api.crash();
    await vi.waitFor(() => expect(watches.store(sessionId).getState().agent).toBeNull());
    await api.listen();
    await answerWatch({ session: { ...session, name: "two" }, agent });
    await vi.waitFor(() =>
      expect(watches.store(sessionId).getState()).toMatchObject({
        session: { name: "two" },
        agent,
        epoch: 2,
      }),
    );
  });

  it("follows its row and its agent", async () => {
    const watches = new SessionWatches(live);
    watches.subscribe(sessionId);
    await answerWatch({ session, agent: null });
    const state = () => watches.store(sessionId).getState();
    await vi.waitFor(() => expect(state().session).not.toBeNull());
    expect(state().epoch).toBe(0);
    api.io.emit("event", "session.agent-changed", sessionId, { agent });
    api.io.emit("event", "session.changed", sessionId, { session: { ...session, state: "stopping" } });
    await vi.waitFor(() =>
      expect(state()).toMatchObject({ agent, epoch: 1, session: { state: "stopping" } }),
    );
    api.io.emit("event", "session.deleted", sessionId, { sessionId });
    await vi.waitFor(() => expect(state()).toMatchObject({ deleted: true, agent: null }));
  });

  it("says why it cannot be watched", async () => {
    const watches = new SessionWatches(live);
    watches.subscribe(sessionId);
    (await api.next()).answer({
      ok: false,
      error: { code: "not_found", message: "There is no such session." },
    });
    await vi.waitFor(() => expect(watches.store(sessionId).getState().error?.code).toBe("not_found"));
  });
});
