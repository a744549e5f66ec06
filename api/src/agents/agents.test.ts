import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { AppError, type CommandFrame, type Frame, type Payload } from "@remote-claude/protocol";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { placeSecret } from "../lib/secrets.ts";
import { createAgents } from "./agents.ts";
import { intakeLimits } from "./intake.ts";
import { AgentEnd, type AgentEndOptions } from "./testing/agent-end.ts";
import type { Agents } from "./types.ts";
import { unixConnector } from "./unix-connector.ts";

const { privateKey: signingKey, publicKey } = generateKeyPairSync("ed25519");
const apiPublicKey = publicKey.export({ type: "spki", format: "der" }).toString("base64");
const placeSecretKey = randomBytes(32);
const placeId = "abcdefghijkl";
const sessionId = randomUUID();
const log = pino({ level: "silent" });

let runDir: string;
let agents: Agents;
const ends: AgentEnd[] = [];

async function startEnd(options: Partial<AgentEndOptions> = {}): Promise<AgentEnd> {
  const secret = placeSecret(placeSecretKey, placeId);
  const end = await new AgentEnd({ runDir, placeId, placeSecret: secret, apiPublicKey, ...options }).start();
  ends.push(end);
  return end;
}

const answering =
  (payload: unknown) =>
  (frame: CommandFrame): Frame => ({ re: frame.id, ok: true, payload });

beforeEach(async () => {
  runDir = await mkdtemp(join(tmpdir(), "agents-"));
  agents = createAgents(unixConnector({ runDir, signingKey, placeSecretKey }), log);
});

afterEach(async () => {
  agents.close();
  await Promise.all(ends.splice(0).map((end) => end.stop().catch(() => {})));
  await rm(runDir, { recursive: true, force: true });
});

describe("the connection to an agent", () => {
  it("is made as soon as the agent is there, and says what the agent is", async () => {
    agents.attach(sessionId, placeId);
    expect(agents.info(sessionId)).toBeNull();
    const end = await startEnd();
    await expect(agents.ready(sessionId, 5000)).resolves.toEqual(end.info);
    expect(agents.info(sessionId)).toEqual(end.info);
  });

  it("is made wherever the data is: below spaces, umlauts and what means something in an address", async () => {
    const odd = join(runDir, "a b:ü%20?#");
    const elsewhere = createAgents(unixConnector({ runDir: odd, signingKey, placeSecretKey }), log);
    const end = await startEnd({ runDir: odd });
    elsewhere.attach(sessionId, placeId);
    await expect(elsewhere.ready(sessionId, 5000)).resolves.toEqual(end.info);
    elsewhere.close();
  });

  it("is made again when it breaks, and tells so both times", async () => {
    const changes: (string | null)[] = [];
    agents.onConnectionChange((_, agent) => changes.push(agent?.bootId ?? null));
    const end = await startEnd();
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    end.drop();
    await vi.waitFor(() => expect(changes).toEqual([end.info.bootId, null, end.info.bootId]));
  });

  it("fails what was asked when it breaks before the answer", async () => {
    const end = await startEnd();
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const asked = agents.request(sessionId, "terminal.list", {});
    await vi.waitFor(() => expect(end.commands).toHaveLength(1));
    end.drop();
    await expect(asked).rejects.toMatchObject({ code: "agent_unreachable" });
  });

  it("refuses an agent that does not know the place's secret: a neighbour's socket", async () => {
    await startEnd({ placeSecret: placeSecret(placeSecretKey, "zzzzzzzzzzzz") });
    agents.attach(sessionId, placeId);
    await expect(agents.ready(sessionId, 300)).rejects.toMatchObject({ code: "agent_unreachable" });
    expect(agents.info(sessionId)).toBeNull();
  });

  it.each(["a symbolic link to a genuine socket", "an ordinary file"])(
    "refuses %s in its place",
    async (what) => {
      const elsewhere = await startEnd({
        placeId: "bbbbbbbbbbbb",
        placeSecret: placeSecret(placeSecretKey, placeId),
      });
      const out = join(runDir, placeId, "out");
      await mkdir(out, { recursive: true });
      if (what.startsWith("a symbolic")) await symlink(elsewhere.path, join(out, "agent.sock"));
      else await writeFile(join(out, "agent.sock"), "");
      agents.attach(sessionId, placeId);
      await expect(agents.ready(sessionId, 300)).rejects.toMatchObject({ code: "agent_unreachable" });
      expect(elsewhere.sockets.size).toBe(0);
    },
  );
});

describe("commands", () => {
  it("carry who asks, and come back with the agent's reply", async () => {
    const end = await startEnd({ onCommand: answering({ terminals: [] }) });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const actor = { id: randomUUID(), name: "Ada" };
    await expect(agents.request(sessionId, "terminal.list", {}, { client: "tab", actor })).resolves.toEqual({
      terminals: [],
    });
    expect(end.commands[0]).toMatchObject({ type: "terminal.list", client: "tab", actor });
  });

  it("fail with what the agent refused", async () => {
    await startEnd({
      onCommand: ({ id }) => ({ re: id, ok: false, error: { code: "not_found", message: "No such file." } }),
    });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const asked = agents.request(sessionId, "file.stat", { path: "gone" });
    await expect(asked).rejects.toMatchObject({ code: "not_found", message: "No such file." });
  });

  it("fail when the reply is not what the protocol says", async () => {
    await startEnd({ onCommand: answering({ terminals: "many" }) });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    await expect(agents.request(sessionId, "terminal.list", {})).rejects.toMatchObject({
      code: "agent_unreachable",
    });
  });

  it("time out", async () => {
    await startEnd();
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const asked = agents.request(sessionId, "terminal.list", {}, { timeoutMs: 20 });
    await expect(asked).rejects.toMatchObject({ code: "timeout" });
  });

  it("are refused at once while no agent is connected, unless the caller waits", async () => {
    await expect(agents.request(sessionId, "terminal.list", {})).rejects.toBeInstanceOf(AppError);
    agents.attach(sessionId, placeId);
    const patient = agents.request(sessionId, "terminal.list", {}, { connectWaitMs: 5000 });
    await startEnd({ onCommand: answering({ terminals: [] }) });
    await expect(patient).resolves.toEqual({ terminals: [] });
  });
});

describe("events", () => {
  const output = (offset: number, data: Uint8Array): Frame => ({
    event: "terminal.output",
    client: "tab",
    payload: { terminalId: sessionId, offset, data } satisfies Payload<"terminal.output">,
  });

  it("arrive with their bytes, in order, even those sent right after the handshake", async () => {
    const heard: [number, string][] = [];
    agents.onEvent("terminal.output", (_, { offset, data }) =>
      heard.push([offset, Buffer.from(data).toString()]),
    );
    agents.onConnectionChange((_, agent) => {
      if (agent === null) return;
      end.say(output(0, Buffer.from("one ")));
      end.say(output(4, Buffer.from("two")));
    });
    const end = await startEnd();
    agents.attach(sessionId, placeId);
    await vi.waitFor(() =>
      expect(heard).toEqual([
        [0, "one "],
        [4, "two"],
      ]),
    );
  });

  it("that make no sense are dropped, and a session that sends nothing else is hung up on", async () => {
    const heard: unknown[] = [];
    agents.onEvent("terminal.closed", (_, payload) => heard.push(payload));
    const end = await startEnd();
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    end.say("no JSON");
    end.say({ event: "terminal.closed", payload: { terminalId: "not an id" } });
    end.say({ event: "session.deleted", payload: { sessionId } });
    end.say({ event: "terminal.closed", payload: { terminalId: sessionId } });
    await vi.waitFor(() => expect(heard).toEqual([{ terminalId: sessionId }]));
    const lost = new Promise<void>((resolve) => {
      agents.onConnectionChange((_, agent) => {
        if (agent === null) resolve();
      });
    });
    const closed = new Promise<string>((resolve) => {
      for (const socket of end.sockets) socket.once("close", (_, reason) => resolve(reason.toString()));
    });
    for (let count = 0; count < 200; count++) end.say("{}");
    await lost;
    expect(await closed).toBe("malformed-frames");
  });

  it("that come faster than one session may speak are read later, and none is lost", async () => {
    let heard = 0;
    let expected = 0;
    agents.onEvent("terminal.output", (_, { offset }) => {
      if (offset === expected) expected += 1;
      heard += 1;
    });
    const end = await startEnd();
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const pause = vi.spyOn(WebSocket.prototype, "pause");
    // No time passes for the one that counts: on a busy machine the frames would come slower than they may.
    const time = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    const { frames } = intakeLimits.perSecond;
    const many = (intakeLimits.burstSeconds + 0.5) * frames;
    for (let offset = 0; offset < many; offset++) end.say(output(offset, Buffer.from("x")));
    await vi.waitFor(() => expect(heard).toBe(many), 20_000);
    expect(expected).toBe(many);
    expect(pause).toHaveBeenCalled();
    expect(agents.info(sessionId)).not.toBeNull();
    time.mockRestore();
    pause.mockRestore();
  });
});

describe("transfers", () => {
  const ticket = randomBytes(32).toString("base64url");
  const prepared = (frame: CommandFrame): Frame => ({ re: frame.id, ok: true, payload: { ticket, size: 5 } });

  it("stream a file out of the session", async () => {
    await startEnd({
      onCommand: prepared,
      onRequest: (request, response) => response.end(request.url?.slice(-5)),
    });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const { body, size } = await agents.read(sessionId, { path: "a.txt" });
    expect(size).toBe(5);
    expect((await buffer(body)).toString()).toBe(ticket.slice(-5));
  });

  it.each([
    [
      "longer than announced",
      (response: ServerResponse) => void response.end("hello, and an answer to others"),
    ],
    ["shorter than announced", (response: ServerResponse) => void response.end("hell")],
    ["of no length", (response: ServerResponse) => void response.write("hello")],
  ])("refuse a file that is %s, so that no answer of ours spills into the next", async (_, send) => {
    await startEnd({ onCommand: prepared, onRequest: (_request, response) => send(response) });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const read = agents.read(sessionId, { path: "a.txt" });
    await expect(read).rejects.toMatchObject({ code: "agent_unreachable" });
  });

  it("never hand on more bytes than were announced, however the agent frames them", async () => {
    const raw = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n"),
      );
    });
    const end = await startEnd({ onCommand: prepared });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    await rename(end.path, `${end.path}.ws`);
    await new Promise<void>((resolve) => raw.listen(end.path, resolve));
    const { body } = await agents.read(sessionId, { path: "a.txt" });
    expect((await buffer(body)).toString()).toBe("hello");
    await new Promise((resolve) => raw.close(resolve));
  });

  it("stream a file into it, and give back what the agent says of it", async () => {
    const received: Buffer[] = [];
    await startEnd({
      onCommand: prepared,
      onRequest: (request, response) => {
        request.on("data", (chunk: Buffer) => received.push(chunk));
        request.on("end", () => response.end(JSON.stringify({ size: 11, created: true })));
      },
    });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const body = Readable.from([Buffer.from("hello "), Buffer.from("there")]);
    const done = await agents.write(sessionId, { path: "b.txt", maxBytes: 100 }, body);
    expect(done).toEqual({ size: 11, created: true });
    expect(Buffer.concat(received).toString()).toBe("hello there");
  });

  it("stop at the limit", async () => {
    await startEnd({ onCommand: prepared, onRequest: (request) => request.resume() });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const body = Readable.from([Buffer.alloc(2_000_000)]);
    const written = agents.write(sessionId, { path: "b", maxBytes: 1_000_000 }, body);
    await expect(written).rejects.toMatchObject({ code: "too_large" });
  });

  it("fail with what the agent refused, also before it has read everything", async () => {
    await startEnd({
      onCommand: prepared,
      onRequest: (_, response) => {
        response.writeHead(412, { connection: "close" });
        response.end(JSON.stringify({ error: { code: "precondition_failed", message: "It has changed." } }));
      },
    });
    agents.attach(sessionId, placeId);
    await agents.ready(sessionId, 5000);
    const endless = Readable.from(
      (function* () {
        for (let count = 0; count < 500; count++) yield Buffer.alloc(100_000);
      })(),
    );
    const written = agents.write(sessionId, { path: "b", maxBytes: 1_000_000_000 }, endless);
    await expect(written).rejects.toMatchObject({ code: "precondition_failed" });
  });
});
