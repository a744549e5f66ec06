import { AppError, type Conversation, defaultSteering, type JournalEntry } from "@remote-claude/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  conversationId,
  deltaOf,
  idOf,
  prompt,
  text,
  turnEnded,
  turnStarted,
} from "../testing/recordings.ts";
import { ConversationReader, type ReaderOptions } from "./conversation-reader.ts";

const sessionId = idOf(9);
const messageId = idOf(3);
const opening = [prompt(1, messageId), turnStarted(2, messageId)];
const conversation: Conversation = {
  conversationId,
  sessionId,
  title: null,
  state: "working",
  model: null,
  permissionMode: "default",
  steering: defaultSteering,
  lastSeq: 0,
  costUsd: 0,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  createdAt: "2026-11-20T00:00:00Z",
  lastActiveAt: "2026-11-20T00:00:00Z",
  archivedAt: null,
  forkedFrom: null,
};

type Handler = (payload: Record<string, unknown>) => unknown;

/** The server's end, as a journal and what may go wrong with it. */
class Server {
  journal: JournalEntry[] = [...opening];
  readonly asked: [type: string, payload: Record<string, unknown>][] = [];
  readonly #listeners = new Map<string, (payload: never) => void>();
  readonly handlers: Record<string, Handler> = {
    "chat.subscribe": ({ after }) => {
      const rest = this.journal.filter(({ seq }) => seq > ((after as number | null) ?? 0));
      return { conversation, entries: after === null ? rest.slice(-3) : rest, more: false, partials: [] };
    },
    "chat.history": ({ before, limit }) => ({
      entries: this.journal.filter(({ seq }) => seq < Number(before)).slice(-Number(limit)),
    }),
    "chat.create": () => ({ conversation }),
    "chat.send": () => ({ seq: 1 }),
    "chat.unsubscribe": () => ({}),
  };
  connect: () => void = () => undefined;

  readonly live = {
    command: async (type: string, _: string, payload: Record<string, unknown>) => {
      this.asked.push([type, payload]);
      return this.handlers[type]?.(payload);
    },
    on: (type: string, _: string | null, listener: (payload: never) => void) => {
      this.#listeners.set(type, listener);
      return () => this.#listeners.delete(type);
    },
    onConnected: (listener: () => void) => {
      this.connect = listener;
      listener();
      return () => undefined;
    },
  } as unknown as ReaderOptions["live"];

  say(type: string, payload: unknown): void {
    this.#listeners.get(type)?.(payload as never);
  }

  count(type: string): number {
    return this.asked.filter(([asked]) => asked === type).length;
  }
}

let stop: () => void = () => undefined;
afterEach(() => stop());

function read(server: Server, options: Partial<ReaderOptions> = {}) {
  const reader = new ConversationReader({
    live: server.live,
    sessionId,
    conversationId,
    exists: true,
    retryMs: 1,
    schedule: (act) => {
      queueMicrotask(act);
      return () => undefined;
    },
    ...options,
  });
  stop = reader.start();
  const texts = () =>
    reader.store.getState().items.flatMap((item) => (item.kind === "text" ? [item.text] : []));
  return { reader, texts };
}

describe("a reader", () => {
  it("shows what is there, and then what comes", async () => {
    const server = new Server();
    const { reader, texts } = read(server);
    await vi.waitFor(() => expect(reader.store.getState()).toMatchObject({ known: true, working: true }));
    server.say("chat.delta", deltaOf("m", 0, "Hello"));
    await vi.waitFor(() => expect(texts()).toEqual(["Hello"]));
    server.say("chat.entry", text(3, "m", "Hello world"));
    server.say("chat.entry", turnEnded(4));
    await vi.waitFor(() => expect(reader.store.getState().working).toBe(false));
    expect(texts()).toEqual(["Hello world"]);
  });

  it("hears nothing of other conversations", async () => {
    const server = new Server();
    const { reader, texts } = read(server);
    await vi.waitFor(() => expect(reader.store.getState().known).toBe(true));
    server.say("chat.entry", { ...text(3, "m", "not mine"), conversationId: idOf(77) });
    server.say("chat.entry", text(3, "m", "mine"));
    await vi.waitFor(() => expect(texts()).toEqual(["mine"]));
  });

  it("asks for what it missed, from the last it has", async () => {
    const server = new Server();
    const { reader, texts } = read(server);
    await vi.waitFor(() => expect(reader.store.getState().known).toBe(true));
    server.journal.push(text(3, "a", "one"), text(4, "b", "two"));
    server.say("chat.entry", text(4, "b", "two"));
    await vi.waitFor(() => expect(texts()).toEqual(["one", "two"]));
    expect(server.asked.filter(([type]) => type === "chat.subscribe").at(-1)?.[1]).toMatchObject({
      after: 2,
    });
  });

  it("goes on from its last entry when the connection is made again", async () => {
    const server = new Server();
    const { reader, texts } = read(server);
    await vi.waitFor(() => expect(reader.store.getState().known).toBe(true));
    server.journal.push(text(3, "a", "while away"));
    server.connect();
    await vi.waitFor(() => expect(texts()).toEqual(["while away"]));
  });

  it("gives up asking for what never comes, and says so", async () => {
    const server = new Server();
    const { reader } = read(server);
    await vi.waitFor(() => expect(reader.store.getState().known).toBe(true));
    server.say("chat.entry", text(9, "z", "far away"));
    await vi.waitFor(() => expect(reader.store.getState().error).toMatch(/could not be loaded/));
    expect(server.count("chat.subscribe")).toBeLessThan(10);
  });

  it("tries again after a refusal, and shows it meanwhile", async () => {
    const server = new Server();
    const answer = server.handlers["chat.subscribe"];
    let refusing = true;
    server.handlers["chat.subscribe"] = (payload) => {
      if (refusing) throw new AppError("internal", "It broke.");
      return answer?.(payload);
    };
    const { reader } = read(server, { retryMs: 20 });
    await vi.waitFor(() => expect(reader.store.getState().error).toBe("It broke."));
    refusing = false;
    await vi.waitFor(() => expect(reader.store.getState()).toMatchObject({ known: true, error: null }));
  });

  it("loads older entries until there are no more", async () => {
    const server = new Server();
    server.journal = [
      ...opening,
      ...Array.from({ length: 8 }, (_, index) => text(index + 3, `m${index}`, String(index))),
    ];
    const { reader, texts } = read(server);
    await vi.waitFor(() => expect(texts()).toEqual(["5", "6", "7"]));
    expect(reader.store.getState().complete).toBe(false);
    await reader.loadOlder();
    expect(texts()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
    expect(reader.store.getState().complete).toBe(true);
  });

  it("goes back for an open question that lies before the loaded entries", async () => {
    const server = new Server();
    const asked: JournalEntry = {
      ...text(3, "x", ""),
      event: {
        kind: "permission-asked",
        turnId: idOf(5),
        requestId: idOf(6),
        toolUseId: "t",
        toolName: "Bash",
        input: { command: "ls" },
        title: null,
        rules: [],
      },
    };
    server.journal = [...opening, asked, ...[4, 5, 6, 7].map((seq) => text(seq, `m${seq}`, "meanwhile"))];
    const answer = server.handlers["chat.subscribe"];
    server.handlers["chat.subscribe"] = (payload) => ({
      ...(answer?.(payload) as object),
      conversation: { ...conversation, state: "waiting" },
    });
    const { reader } = read(server);
    await vi.waitFor(() => expect(reader.store.getState().pending).toHaveLength(1));
  });
});

describe("sending", () => {
  it("makes a new conversation first, once, and then reads it", async () => {
    const server = new Server();
    server.journal = [];
    const { reader } = read(server, { exists: false });
    expect(reader.store.getState()).toMatchObject({ known: true, complete: true, items: [] });
    expect(server.asked).toEqual([]);
    await Promise.all([reader.send("one", []), reader.send("two", [])]);
    expect(server.count("chat.create")).toBe(1);
    expect(server.count("chat.send")).toBe(2);
    await vi.waitFor(() => expect(server.count("chat.subscribe")).toBeGreaterThan(0));
  });

  it("keeps a prompt that failed, and sends it again under its own id", async () => {
    const server = new Server();
    server.handlers["chat.send"] = () => {
      throw new AppError("agent_unreachable", "The session does not answer.");
    };
    const { reader } = read(server);
    await reader.send("hello", []);
    const [failed] = reader.store.getState().waiting;
    expect(failed).toMatchObject({ state: "failed", error: "The session does not answer." });
    server.handlers["chat.send"] = () => ({ seq: 3 });
    reader.resend(failed?.messageId ?? "");
    await vi.waitFor(() => expect(reader.store.getState().waiting).toMatchObject([{ state: "sending" }]));
    const ids = server.asked.filter(([type]) => type === "chat.send").map(([, payload]) => payload.messageId);
    expect(ids).toEqual([failed?.messageId, failed?.messageId]);
  });
});
