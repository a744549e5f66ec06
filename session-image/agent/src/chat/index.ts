import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Query } from "@anthropic-ai/claude-agent-sdk";
import { type Actor, AppError, type Handlers, Id, type JournalEntry } from "@remote-claude/protocol";
import type { AgentContext, AgentServices, Connection } from "../context.ts";
import { ClaudeLauncher } from "./claude-launcher.ts";
import type { ClaudeProcess } from "./claude-process.ts";
import { Conversation, type ConversationSurroundings } from "./conversation.ts";
import { journalDirectory, transcriptRoot } from "./conversation-log.ts";
import type { EditWatcher } from "./edit-hooks.ts";
import { Follower } from "./follower.ts";
import type { JournalOptions } from "./journal.ts";
import { ProcessRegister } from "./process-register.ts";
import type { PromptQueue } from "./prompt-queue.ts";
import { RuleFiles } from "./rule-files.ts";
import { ruleHandlers } from "./rules.ts";
import { SessionGrants } from "./session-grants.ts";

export interface ChatOptions {
  /** How long a conversation's Claude Code process outlives its last turn. */
  readonly idleMs: number;
  /** How long a process made in advance waits for a first prompt. */
  readonly spareMs: number;
  /** How long a stopped turn may take before its process is ended. */
  readonly stopMs: number;
  /** Of tests. */
  readonly journal?: Pick<JournalOptions, "write" | "compactBytes">;
}

const defaults = { spareMs: 5 * 60_000, stopMs: 5_000 };

type AgentHandlers = Handlers<"agent", AgentContext>;
type HandlersOf<Area extends string> = Pick<AgentHandlers, Extract<keyof AgentHandlers, `${Area}.${string}`>>;
export type ChatHandlers = HandlersOf<"chat" | "conversation" | "rule">;

/** Commands of the system's own are recorded under this name. */
const system: Actor = { id: "00000000-0000-0000-0000-000000000000", name: "system" };

/** Conversations with Claude Code: everything `chat.*` and `rule.*` that is sent to the agent. */
export function createChat(
  services: AgentServices,
  given: Partial<ChatOptions> = {},
  edits: EditWatcher | null = null,
) {
  const options = { idleMs: services.config.claudeIdleMinutes * 60_000, ...defaults, ...given };
  const chat = new Chat(services, options, edits);
  const handlers: ChatHandlers = {
    ...chatHandlers(chat),
    ...ruleHandlers(chat.grants, new RuleFiles(services.config.workspace, services.config.home)),
  };
  return {
    handlers,
    /**
     * Has every Claude Code read its files anew: those at rest at once, those at work before their next turn. That of
     * the conversation `but` knows already.
     */
    renew: (options: { readonly but?: string } = {}) => chat.renew(options),
    /** Asks the Claude Code of a conversation, started if need be; of one that has not begun: a spare. */
    ask: <T>(conversationId: string, what: string, ask: (query: Query) => Promise<T>): Promise<T> =>
      chat.launcher.ask(chat.processOf(conversationId), what, ask),
    /** For somebody who will come: Claude Code is up before they do. */
    warmAhead: () => chat.launcher.warmAhead(),
    /** The first api is here. */
    settle: () => chat.launcher.settle(),
    /** The workspace is being filled. */
    forgetSpare: () => chat.launcher.forgetSpare(),
    stop: () => chat.stop(),
  };
}

function chatHandlers(chat: Chat): HandlersOf<"chat" | "conversation"> {
  return {
    "chat.send": (payload, { actor }) => ({
      seq: chat.ensure(payload.conversationId).send(payload, actor ?? system),
    }),
    "chat.interrupt": ({ conversationId, holdQueue = false }, { actor }) => {
      chat.find(conversationId)?.interrupt(holdQueue, actor);
      return {};
    },
    "chat.edit-queued": (payload, { actor }) =>
      chat.changeQueue(payload, (queue) => queue.edit(payload, actor)),
    "chat.remove-queued": (payload, { actor }) =>
      chat.changeQueue(payload, (queue) => queue.remove(payload.messageId, actor)),
    "chat.move-queued": (payload, { actor }) =>
      chat.changeQueue(payload, (queue) => queue.move(payload.messageId, payload.before, actor)),
    "chat.release-queue": (payload, { actor }) => chat.changeQueue(payload, (queue) => queue.release(actor)),
    "chat.answer": (payload, { actor }) => {
      chat.get(payload.conversationId).answer(payload, actor);
      return {};
    },
    "chat.configure": async (payload, { actor }) => {
      await chat.ensure(payload.conversationId).configure(payload, actor);
      return {};
    },
    "chat.offered-models": () => chat.models(),
    "chat.commands": ({ conversationId }) => chat.launcher.commands(chat.find(conversationId)?.process),
    "conversation.preview-rewind": ({ conversationId, messageId }) =>
      chat.get(conversationId).previewRewind(messageId),
    "conversation.rewind": (payload, { actor }) => chat.get(payload.conversationId).rewind(payload, actor),
    "conversation.branch": async ({ conversationId, forkId, before, seq }, { actor }) => {
      await chat.ensure(forkId).branchFrom(chat.get(conversationId), before, seq, actor);
      return {};
    },
    "chat.follow": ({ cursors }, { connection }) => {
      chat.follow(connection, cursors);
      return {};
    },
    "chat.acknowledge": ({ conversationId, seq }) => {
      const { log } = chat.get(conversationId);
      if (seq > log.journal.lastSeq) throw new AppError("bad_request", "no such entry was sent yet");
      log.acknowledge(seq);
      return {};
    },
    "chat.partials": ({ conversationId }) => ({
      partials: chat.partials(conversationId),
      queue: chat.find(conversationId)?.queue() ?? null,
    }),
  };
}

class Chat {
  readonly #conversations = new Map<string, Conversation>();
  readonly #followers = new Map<string, Follower>();
  readonly grants: SessionGrants;
  readonly launcher: ClaudeLauncher;
  readonly #surroundings: ConversationSurroundings;

  constructor({ config, log, environment }: AgentServices, options: ChatOptions, edits: EditWatcher | null) {
    const { permissionModes } = config.place;
    const directory = journalDirectory(config.stateDirectory);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const register = new ProcessRegister(join(config.stateDirectory, "claude-processes.json"));
    const leftovers = register.endLeftovers();
    if (leftovers > 0) log.warn({ leftovers }, "ended what a former agent had left running");
    this.grants = new SessionGrants(join(config.stateDirectory, "grants.json"), (err) =>
      log.warn({ err }, "what is allowed for the session could not be saved"),
    );
    this.launcher = new ClaudeLauncher({
      grants: this.grants,
      binary: config.claudeBinary,
      workspace: config.workspace,
      environment,
      permissionModes,
      transcripts: transcriptRoot(config.stateDirectory),
      register,
      log,
      spareMs: options.spareMs,
    });
    this.#surroundings = {
      directory,
      workspace: config.workspace,
      permissionModes,
      grants: this.grants,
      launcher: this.launcher,
      transcripts: transcriptRoot(config.stateDirectory),
      log,
      edits,
      ...options,
      onEntry: (entry: JournalEntry) => {
        for (const follower of this.#followers.values()) follower.entry(entry);
      },
      onDelta: (delta) => {
        for (const follower of this.#followers.values()) follower.delta(delta);
      },
    };
    for (const name of readdirSync(directory).sort()) {
      const id = name.endsWith(".jsonl") ? name.slice(0, -".jsonl".length) : "";
      if (Id.safeParse(id).success) this.ensure(id);
    }
  }

  find(conversationId: string): Conversation | undefined {
    return this.#conversations.get(conversationId);
  }

  get(conversationId: string): Conversation {
    const conversation = this.find(conversationId);
    if (conversation === undefined) throw new AppError("not_found", "there is no such conversation");
    return conversation;
  }

  ensure(conversationId: string): Conversation {
    const known = this.find(conversationId);
    if (known !== undefined) return known;
    const conversation = new Conversation(conversationId, this.#surroundings);
    this.#conversations.set(conversationId, conversation);
    return conversation;
  }

  changeQueue({ conversationId }: { conversationId: string }, change: (queue: PromptQueue) => void) {
    this.get(conversationId).changeQueue(change);
    return {};
  }

  models(): ReturnType<ClaudeLauncher["models"]> {
    const running = [...this.#conversations.values()].find(({ process }) => process !== undefined)?.process;
    const models = this.launcher.models(running);
    // Whoever asks has opened the pane: the first prompt of a new conversation shall find a process.
    if (running === undefined) this.launcher.warm();
    return models;
  }

  /** The process of a conversation that has begun, made ready if it is not there. */
  processOf(conversationId: string): ClaudeProcess | undefined {
    const conversation = this.find(conversationId);
    conversation?.warm();
    return conversation?.process;
  }

  renew({ but }: { readonly but?: string }): void {
    this.launcher.renew();
    for (const [id, conversation] of this.#conversations) if (id !== but) conversation.renew();
  }

  partials(conversationId: string) {
    const conversation = this.find(conversationId);
    if (!conversation?.warm()) this.launcher.warm();
    return conversation?.partials() ?? [];
  }

  follow(connection: Connection, cursors: Readonly<Record<string, number>>): void {
    this.#followers.get(connection.id)?.end();
    for (const [conversationId, seq] of Object.entries(cursors)) {
      if (seq > 0) this.ensure(conversationId).skipTo(seq);
    }
    const journals = () => [...this.#conversations.values()].map(({ log }) => log.journal);
    const follower = new Follower(connection, journals, cursors);
    this.#followers.set(connection.id, follower);
    connection.onClose(() => {
      follower.end();
      if (this.#followers.get(connection.id) === follower) this.#followers.delete(connection.id);
    });
  }

  /** Fails what runs, and resolves when no process of ours is left. */
  async stop(): Promise<void> {
    const ends = [...this.#conversations.values()].map((conversation) => conversation.stop());
    for (const follower of this.#followers.values()) follower.end();
    await Promise.all([...ends, this.launcher.stop()]);
  }
}
