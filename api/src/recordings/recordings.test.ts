import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recording, RecordingEvent } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  buildSession,
  gate,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { castPart } from "./cast.ts";
import { recordTerminal } from "./record-terminal.ts";
import { retireRecordings } from "./retention.ts";
import { NotOurs } from "./store.ts";

let api: TestApi;
let auditor: ApiClient;
let member: ApiClient;
let sessionId: string;
let agent: Shell;

beforeAll(async () => {
  api = await startApi({ env: { RECORDING_MAX_MB: "1", RECORDING_DAYS: "30" } });
});
afterAll(() => api.stop());

beforeEach(async () => {
  auditor = (await signedInClient(api, { role: "auditor" })).client;
  const { user, client } = await signedInClient(api);
  member = client;
  ({ id: sessionId } = await buildSession(api, { owner: user, state: "running" }));
  agent = new Shell();
});

/** One terminal, as an agent keeps it for whoever records it. */
class Shell {
  readonly terminalId = randomUUID();
  readonly startedAt = Date.now();
  output = Buffer.alloc(0);
  /** What came before is no longer there. */
  start = 0;
  events: RecordingEvent[] = [];
  closed = false;
  stopped = 0;
  stored = 0;

  constructor() {
    api.agents.answer("recording.follow", (session) => {
      if (session !== sessionId) return { terminals: [] };
      const { terminalId } = this;
      const createdAt = new Date(this.startedAt).toISOString();
      return { terminals: [{ terminalId, title: "Terminal 1", createdAt, cols: 80, rows: 24 }] };
    });
    api.agents.answer("recording.stop", () => {
      this.stopped += 1;
      return {};
    });
    api.agents.answer("recording.read", async (_, { after, afterEvent }) => {
      this.stored = Math.max(this.stored, after);
      await vi.waitFor(
        () => {
          const news = this.output.length > after || this.events.some(({ seq }) => seq > afterEvent);
          if (!news && !this.closed) throw new Error("nothing new");
        },
        { timeout: 20_000, interval: 10 },
      );
      const offset = Math.max(after, this.start);
      const data = this.output.subarray(offset, offset + 300_000);
      const to = offset + data.length;
      const events = this.events.filter(({ seq }) => seq > afterEvent);
      const ended = this.closed && to === this.output.length;
      const state: "open" | "ended" = ended ? "ended" : "open";
      const marks: [number, number][] = data.length === 0 ? [] : [[offset, this.startedAt + 1000]];
      return { offset, data, marks, events, state };
    });
    api.agents.connection(sessionId, true);
  }

  print(text: string | Buffer): void {
    this.output = Buffer.concat([this.output, Buffer.from(text)]);
  }
}

async function recordings(): Promise<Recording[]> {
  return (await auditor.get(`/api/recordings?sessionId=${sessionId}`)).body.recordings;
}

const one = async () => {
  const [recording] = await recordings();
  if (recording === undefined) throw new Error("there is none yet");
  return recording;
};

async function ended(): Promise<Recording> {
  return vi.waitFor(
    async () => {
      const recording = await one();
      expect(recording.endedAt).not.toBeNull();
      return recording;
    },
    { timeout: 20_000 },
  );
}

async function castOf({ id }: Recording): Promise<{ header: unknown; lines: [number, string, string][] }> {
  const answer = await auditor.get(`/api/recordings/${id}/cast`);
  expect(answer.status).toBe(200);
  const [header, ...lines] = answer.text.trim().split("\n");
  return { header: JSON.parse(header ?? ""), lines: lines.map((line) => JSON.parse(line)) };
}

const shown = (lines: [number, string, string][]) =>
  lines.flatMap(([, kind, text]) => (kind === "o" ? [text] : [])).join("");

describe("recordings", () => {
  it("are nobody's but auditors' and admins', who leave a trace", async () => {
    agent.print("hello\r\n");
    agent.closed = true;
    const { id } = await ended();
    for (const path of ["/api/recordings", `/api/recordings/${id}`, `/api/recordings/${id}/cast`]) {
      expect((await api.client.get(path)).status).toBe(401);
      expect((await member.get(path)).status).toBe(403);
    }
    expect((await auditor.get(`/api/recordings/${randomUUID()}/cast`)).status).toBe(404);
    await castOf(await one());
    const viewed = await api.database.db.auditLog.findMany({
      where: { sessionId, action: "recording.viewed" },
    });
    expect(viewed).toMatchObject([{ details: { recordingId: id, terminalId: agent.terminalId } }]);
  });

  it("hold what the terminal showed, with its times, sizes and input, and nothing of it in the clear", async () => {
    agent.print("plan\u00e9t-in-the-clear\r\n");
    const at = agent.startedAt + 2000;
    agent.events.push({ seq: 1, offset: 5, at, size: { cols: 100, rows: 30 }, input: null });
    agent.events.push({ seq: 2, offset: agent.output.length, at, size: null, input: "typed-in-the-clear" });
    agent.events.push({ seq: 3, offset: agent.output.length, at, size: null, input: null });
    agent.closed = true;
    const recording = await ended();
    expect(recording).toMatchObject({ endReason: "closed", hasInput: true, gapBytes: 0 });
    const { header, lines } = await castOf(recording);
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    expect(lines).toEqual([
      [1, "o", "plan"],
      [2, "r", "100x30"],
      [2, "o", "\u00e9t-in-the-clear\r\n"],
      [2, "i", "typed-in-the-clear"],
      [2, "m", expect.stringContaining("not recorded")],
    ]);
    const { artifacts } = api.app.context.config;
    const directory = artifacts.kind === "directory" ? artifacts.directory : "";
    let files = 0;
    for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      files += 1;
      expect((await readFile(join(name.parentPath, name.name))).includes("in-the-clear")).toBe(false);
    }
    expect(files).toBeGreaterThan(0);
  });

  it("go on after the connection, or the api, broke: every byte, once", async () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `${index}\r\n`).join("");
    agent.print(text.slice(0, 100_000));
    await vi.waitFor(() => expect(agent.stored).toBe(100_000), { timeout: 10_000 });
    api.agents.connection(sessionId, false);
    agent.print(text.slice(100_000, 200_000));
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(agent.stored).toBe(200_000), { timeout: 10_000 });
    agent.print(text.slice(200_000, 300_000));
    await api.restart();
    auditor = auditor.at(api.client.origin);
    api.agents.connection(sessionId, true);
    agent.print(text.slice(300_000));
    agent.closed = true;
    const recording = await ended();
    expect(shown((await castOf(recording)).lines)).toBe(text);
    expect(await recordings()).toHaveLength(1);
    await vi.waitFor(() => expect(agent.stopped).toBeGreaterThan(0));
  });

  it("are left at once when the api ends, however long an idle terminal says nothing", async () => {
    const asked = gate();
    api.agents.connection(sessionId, false);
    api.agents.answer("recording.read", () => {
      asked.open();
      return new Promise<never>(() => {});
    });
    const { terminalId } = agent;
    const terminal = { terminalId, title: "Idle", createdAt: new Date().toISOString(), cols: 80, rows: 24 };
    const end = new AbortController();
    const lease = { placeId: randomUUID(), fence: 1n };
    const recorded = recordTerminal(api.app.context, sessionId, terminal, lease, end.signal);
    await asked.closed;
    end.abort();
    await recorded;
  });

  it("take nothing from an api whose lease another one has by now", async () => {
    agent.print("first\r\n");
    await vi.waitFor(() => expect(agent.stored).toBe(7), { timeout: 10_000 });
    const { id: placeId } = await api.database.db.place.findUniqueOrThrow({ where: { sessionId } });
    const { terminalId } = agent;
    const terminal = {
      terminalId,
      title: "Terminal 1",
      createdAt: new Date().toISOString(),
      cols: 80,
      rows: 24,
    };
    const stale = { placeId, fence: -1n };
    const late = recordTerminal(api.app.context, sessionId, terminal, stale, new AbortController().signal);
    agent.print("second\r\n");
    await expect(late).rejects.toThrow(NotOurs);
    agent.closed = true;
    expect(shown((await castOf(await ended())).lines)).toBe("first\r\nsecond\r\n");
  });

  it("say where something is missing", async () => {
    agent.print("before");
    await vi.waitFor(() => expect(agent.stored).toBe(6));
    agent.start = 1000;
    agent.print(Buffer.alloc(1000, "x"));
    agent.closed = true;
    const recording = await ended();
    expect(recording.gapBytes).toBe(994);
    const { lines } = await castOf(recording);
    expect(lines[1]).toEqual([1, "m", "994 bytes are not recorded"]);
    expect(shown(lines)).toBe("beforexxxxxx");
  });

  it("end when they are as long as they may be, and say so", async () => {
    agent.print(Buffer.alloc(1_500_000, "0123456789\r\n"));
    const recording = await ended();
    expect(recording.endReason).toBe("limit");
    expect(recording.sizeBytes).toBeLessThan(1_600_000);
    expect((await castOf(recording)).lines.at(-1)).toMatchObject([
      1,
      "m",
      expect.stringContaining("ends here"),
    ]);
    await vi.waitFor(() => expect(agent.stopped).toBe(1));
  });

  it("go with their objects when they are old, on record", async () => {
    agent.print("old\r\n");
    agent.closed = true;
    const { id } = await ended();
    const { context } = api.app;
    const later = (days: number) => ({
      ...context,
      clock: { now: () => new Date(Date.now() + days * 86_400_000) },
    });
    await retireRecordings(later(29));
    expect(await recordings()).toHaveLength(1);
    await retireRecordings(later(31));
    expect(await recordings()).toEqual([]);
    for await (const key of context.storage.keys(`recordings/${id}/`)) expect.fail(`${key} is still there`);
    expect(await api.database.db.auditLog.count({ where: { sessionId, action: "recording.removed" } })).toBe(
      1,
    );
  });
});

describe("a part of a cast", () => {
  const source = { startedAt: 0, lastAt: 0, toOffset: 0, toEvent: 0, now: 10_000 };
  const read = { offset: 0, marks: [[0, 1000]] as [number, number][], events: [], state: "open" as const };

  it("ends before a character that is not whole", () => {
    const data = Buffer.from("a\u20ac").subarray(0, 3);
    expect(castPart(source, { ...read, data })).toMatchObject({ text: '[1,"o","a"]\n', toOffset: 1 });
    const whole = castPart(source, { ...read, data, state: "ended" });
    expect(whole).toMatchObject({ text: '[1,"o","a"]\n[1,"o","\ufffd"]\n', toOffset: 3 });
  });

  it("lets no agent's clock run backwards or into the far future", () => {
    const marks: [number, number][] = [
      [0, 5000],
      [1, 1000],
      [2, 9e15],
    ];
    const { text, lastAt } = castPart(source, { ...read, marks, data: Buffer.from("abc") });
    expect(text).toBe('[5,"o","a"]\n[5,"o","b"]\n[70,"o","c"]\n');
    expect(lastAt).toBe(70_000);
  });
});
