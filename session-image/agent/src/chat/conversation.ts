import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { SDKMessage, SDKResultMessage } from "@anthropic-ai/claude-agent-sdk";
import {
  type Actor,
  AppError,
  type ChatDelta,
  type JournalEntry,
  type Payload,
  PermissionMode,
  type QueuedPrompt,
  type QueueHold,
  type QueueSnapshot,
  type Reply,
  type SdkMessage,
  steered,
} from "@remote-claude/protocol";
import type { Logger } from "../lib/log.ts";
import { toAppError } from "../lib/system-errors.ts";
import type { ClaudeLauncher } from "./claude-launcher.ts";
import type { ClaudeProcess } from "./claude-process.ts";
import { ClaudeSeat } from "./claude-seat.ts";
import { type ClaudeSettings, configuredEvent } from "./claude-settings.ts";
import { CommandOutput } from "./command-output.ts";
import { ConversationLog, diskTrouble } from "./conversation-log.ts";
import { ConversationMeta } from "./conversation-meta.ts";
import { type EditWatcher, editsOf } from "./edit-hooks.ts";
import { Journal, type JournalOptions } from "./journal.ts";
import { Partials } from "./partials.ts";
import { PermissionQuestions } from "./permission-questions.ts";
import { type PromptContent, promptContent } from "./prompt.ts";
import { PromptQueue } from "./prompt-queue.ts";
import { Recovery } from "./recovery.ts";
import { Rewinds } from "./rewinds.ts";
import type { SessionGrants } from "./session-grants.ts";
import { TouchedFiles } from "./touched-files.ts";
import { isTransient } from "./transient-messages.ts";
import { Turn } from "./turn.ts";
import { costOf } from "./turn-costs.ts";
import { classify, failureOf } from "./turn-failures.ts";

export interface ConversationSurroundings {
  readonly directory: string;
  readonly workspace: string;
  readonly permissionModes: readonly string[];
  readonly grants: SessionGrants;
  readonly launcher: ClaudeLauncher;
  /** Where Claude Code keeps its transcripts. */
  readonly transcripts: string;
  readonly log: Logger;
  /** Hears of Claude Code's edits, before and after each. */
  readonly edits: EditWatcher | null;
  readonly idleMs: number;
  /** How long a stopped turn may take to end by itself. */
  readonly stopMs: number;
  readonly journal?: Pick<JournalOptions, "write" | "compactBytes">;
  readonly onEntry: (entry: JournalEntry) => void;
  readonly onDelta: (delta: ChatDelta) => void;
}

/** In these Claude Code asks less than it does by default. */
const isLoose = (mode: PermissionMode) => mode !== "default" && mode !== "plan";

/**
 * One conversation with Claude Code: its journal, its queue of prompts, at most one running turn, and a process
 * that is there while it is needed. Prompts wait here, not in Claude Code, so each is a turn of its own.
 */
export class Conversation {
  readonly id: string;
  readonly log: ConversationLog;
  readonly #around: ConversationSurroundings;
  readonly #meta: ConversationMeta;
  readonly #questions: PermissionQuestions;
  readonly #seat: ClaudeSeat;
  readonly #touched: TouchedFiles;
  readonly #rewinds: Rewinds;
  readonly #partials = new Partials();
  readonly #output: CommandOutput;
  readonly #queue = new PromptQueue((event) => this.#append(event));
  #turn: Turn | undefined;
  /** Questions of a background task are asked under the turn that began it. */
  #lastTurnId: string = crypto.randomUUID();
  #stopTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(id: string, around: ConversationSurroundings) {
    this.id = id;
    this.#around = around;
    const fallbackMode = PermissionMode.safeParse(around.permissionModes[0]).data ?? "default";
    const mode = around.permissionModes.includes("default") ? "default" : fallbackMode;
    this.#meta = new ConversationMeta(join(around.directory, `${id}.meta.json`), mode, (err) =>
      around.log.warn({ err, conversationId: id }, "conversation state could not be saved"),
    );
    const recovery = new Recovery();
    const journal = new Journal(join(around.directory, `${id}.jsonl`), id, this.#meta.value.firstSeq, {
      ...around.journal,
      onLoaded: (entry) => recovery.read(entry),
    });
    this.log = new ConversationLog(journal, around.directory, around.onEntry);
    this.#questions = new PermissionQuestions({ ...around, journal: (event) => this.log.append(event) });
    this.#seat = new ClaudeSeat({
      launcher: around.launcher,
      idleMs: around.idleMs,
      wanted: () => {
        const { model, permissionMode, steering, claudeSessionId, resumeAt } = this.#meta.value;
        const budgetLeftUsd = this.#budgetLeft();
        return { model, permissionMode, steering, budgetLeftUsd, resume: claudeSessionId, resumeAt };
      },
      busy: () => this.#turn !== undefined || this.#questions.waiting,
      listener: {
        onMessage: (message) => this.#hear(message),
        edits: around.edits && editsOf(around.edits, id),
        canUseTool: (...asked) => this.#questions.ask(this.#turn?.turnId ?? this.#lastTurnId, ...asked),
        onEnd: (error) => this.#processEnded(error),
      },
    });
    this.#touched = new TouchedFiles(join(around.directory, `${id}.files.json`));
    this.#rewinds = new Rewinds({
      ...{ meta: this.#meta, seat: this.#seat, touched: this.#touched },
      ...{ transcripts: around.transcripts, workspace: around.workspace },
      assertAtRest: () => this.#assertAtRest(),
      append: (event) => this.#append(event),
    });
    this.#output = new CommandOutput({ onDelta: around.onDelta });
    this.#recover(recovery);
  }

  /** Takes a prompt; one that was sent before is only named again. */
  send(payload: Payload<"chat.send">, by: Actor): number {
    const { messageId, text, attachments = [] } = payload;
    const known = this.#meta.seqOfMessage(messageId);
    if (known !== undefined) return known;
    this.#around.launcher.assertAvailable();
    const { seq } = this.#queue.add({ messageId, text, attachments, by });
    this.#meta.rememberMessage(messageId, seq);
    this.#next();
    return seq;
  }

  /** Changes what waits; whatever may begin then begins. */
  changeQueue(change: (queue: PromptQueue) => void): void {
    change(this.#queue);
    this.#next();
  }

  /** Stops the running turn. What waits in the queue comes next, unless it is to be held. */
  interrupt(holdQueue: boolean, by: Actor | null): void {
    if (this.#turn === undefined) return;
    if (holdQueue) this.#queue.hold("stopped", by);
    this.#turn.interrupted = true;
    this.#stopTurn();
  }

  answer({ requestId, ...answer }: Payload<"chat.answer">, by: Actor | null): void {
    try {
      this.#questions.answer(requestId, { ...answer, by });
    } catch (error) {
      throw toAppError(error);
    }
    if (answer.stop) this.interrupt(false, by);
  }

  async configure(change: Payload<"chat.configure">, by: Actor | null): Promise<void> {
    const { model, permissionMode } = change;
    const { model: modelBefore, permissionMode: modeBefore, steering } = this.#meta.value;
    const before: ClaudeSettings = { model: modelBefore, permissionMode: modeBefore, steering };
    if (permissionMode !== undefined && !this.#around.permissionModes.includes(permissionMode)) {
      throw new AppError("forbidden", `this session's template does not allow the mode ${permissionMode}`);
    }
    const after: ClaudeSettings = {
      model: model === undefined ? before.model : model,
      permissionMode: permissionMode ?? before.permissionMode,
      steering: steered(steering, change),
    };
    if (isDeepStrictEqual(after, before)) return;
    // Kept first: Claude Code reports the new mode itself, and that must be no news.
    this.#meta.change(after);
    try {
      await this.#seat.adjust(before, after);
      this.#append(configuredEvent(after, by));
    } catch (error) {
      this.#meta.change(before);
      throw error;
    }
  }

  previewRewind(messageId: string): Promise<Reply<"conversation.preview-rewind">> {
    return this.#rewinds.preview(messageId);
  }

  /** Goes back to before a prompt. What waits in the queue goes on afterwards. */
  async rewind(
    request: Payload<"conversation.rewind">,
    by: Actor | null,
  ): Promise<Reply<"conversation.rewind">> {
    try {
      return await this.#rewinds.rewind(request, by);
    } finally {
      this.#next();
    }
  }

  /** Goes on from a point of another conversation, whose entries up to `seq` are copied for this one elsewhere. */
  async branchFrom(
    source: Conversation,
    before: string | null,
    seq: number,
    by: Actor | null,
  ): Promise<void> {
    if (this.log.journal.lastSeq > seq) return;
    if (before === null) source.#assertAtRest();
    const point = await source.#rewinds.branchPoint(before);
    const { model, permissionMode, steering, totals } = source.#meta.value;
    this.skipTo(seq);
    this.#meta.change({
      ...{ model, permissionMode, steering, ...point },
      ...(point.claudeSessionId === null ? {} : { totals }),
    });
    this.#touched.copyFrom(source.#touched);
    this.#append({ kind: "forked", fromConversationId: source.id, by });
  }

  /** What is being written at this moment. */
  partials(): ChatDelta[] {
    const written = this.#turn === undefined ? [] : this.#partials.snapshot(this.#place(this.#turn));
    return [...written, ...this.#output.snapshot()];
  }

  /** What waits, as of the journal's last entry. */
  queue(): QueueSnapshot {
    return { ...this.#queue.state, seq: this.log.journal.lastSeq };
  }

  /** Someone is looking: a process is made ready. Answers false when a new one of no conversation would do. */
  warm(): boolean {
    if (this.#seat.process !== undefined) return true;
    if (this.#meta.value.claudeSessionId === null) return false;
    this.#seat.ensure();
    this.#seat.rest();
    return true;
  }

  /** What Claude Code read at its start has changed. */
  renew(): void {
    this.#seat.renew();
  }

  /** A process, if there is one, for what can be asked of any. */
  get process(): ClaudeProcess | undefined {
    return this.#seat.process;
  }

  /** The recorder holds entries up to `seq` that this journal never had: numbering goes on after them. */
  skipTo(seq: number): void {
    if (seq <= this.log.journal.lastSeq) return;
    this.log.journal.skipTo(seq);
    this.#meta.change({ firstSeq: seq + 1 });
  }

  /** The agent ends. A running turn is failed now, while someone may still hear of it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#turn !== undefined) this.#lose(failureOf("agent-restarted"));
    this.#output.stop();
    const ended = this.#seat.end();
    this.log.journal.close();
    await ended;
  }

  #assertAtRest(): void {
    if (this.#turn === undefined) return;
    throw new AppError("conflict", "Claude is at work in this conversation: stop it, or wait for it, first.");
  }

  #recover(recovery: Recovery): void {
    for (const [messageId, seq] of recovery.messages) this.#meta.rememberMessage(messageId, seq);
    for (const [requestId, by] of recovery.answers) this.#questions.remember(requestId, by);
    if (recovery.configured !== undefined) {
      const { model, permissionMode } = recovery.configured;
      const steering = steered(this.#meta.value.steering, recovery.configured);
      this.#meta.change({ model, permissionMode, steering });
    }
    for (const requestId of recovery.questions) this.#questions.remember(requestId, null);
    for (const event of recovery.queueEvents) this.#queue.take(event);
    for (const event of recovery.closing()) this.log.appendLastWords(event);
    // What waited is not begun behind anyone's back: it waits for a person to say so.
    this.#holdQueue("restarted");
  }

  /** Begins the next turn, unless one runs. */
  #next(): void {
    if (this.#turn !== undefined || this.#stopped || this.#rewinds.running) return;
    const prompt = this.#queue.next;
    if (prompt === undefined) {
      this.#seat.rest();
      return;
    }
    const turn = this.#begin(prompt.messageId, false);
    if (this.#budgetLeft() === 0) turn.verdict ??= failureOf("conversation-budget");
    try {
      if (turn.verdict !== undefined) this.#lose(turn.verdict);
      else this.#seat.ensure().send(prompt.messageId, this.#render(prompt));
    } catch (error) {
      this.#around.log.error({ err: error, conversationId: this.id }, "Claude Code did not start");
      this.#lose(failureOf("claude-crashed", "Claude Code could not be started in this session."));
    }
  }

  #render({ text, attachments }: QueuedPrompt): PromptContent {
    return promptContent(text, attachments, this.#around.workspace);
  }

  #begin(messageId: string, selfStarted: boolean): Turn {
    const turn = new Turn(messageId, selfStarted);
    this.#turn = turn;
    this.#lastTurnId = turn.turnId;
    const started = { kind: "turn-started", turnId: turn.turnId, messageId } as const;
    this.#queue.take(started);
    try {
      this.log.append(started);
    } catch (error) {
      this.log.appendLastWords(started);
      turn.verdict = failureOf("internal", diskTrouble(error));
    }
    return turn;
  }

  #hear(message: SDKMessage): void {
    this.#noteState(message);
    this.#touched.hear(message);
    if (message.type === "stream_event") this.#hearPartial(message);
    if (isTransient(message)) return;
    this.#output.hear(message, this.#place(this.#turn));
    if (message.type === "assistant" && message.parent_tool_use_id === null)
      this.#turnOfClaude().note(message);
    const turnId = this.#turn?.turnId ?? null;
    try {
      this.log.append({ kind: "sdk", turnId, message: message as SdkMessage });
    } catch (error) {
      this.#fail(failureOf("internal", diskTrouble(error)));
    }
    if (message.type === "assistant") this.#partials.finish(message.parent_tool_use_id, message.message.id);
    if (message.type === "result") this.#hearResult(message);
    const refused =
      message.type === "system" && message.subtype === "api_retry" ? message.error_status : null;
    // Claude Code would go on for a minute, with the same key and the same answer.
    if (refused === 401 || refused === 403)
      this.#fail(classify({ status: refused, error: undefined, text: "" }));
  }

  /** What messages say about the process rather than about the work. */
  #noteState(message: SDKMessage): void {
    if (message.type === "conversation_reset") this.#rename(message.new_conversation_id);
    if (message.type !== "system") return;
    if (message.subtype === "init") this.#rename(message.session_id);
    if (message.subtype === "background_tasks_changed") this.#seat.backgroundTasks = message.tasks.length;
    if (message.subtype !== "status") return;
    const mode = PermissionMode.safeParse(message.permissionMode).data;
    const { model, permissionMode, steering } = this.#meta.value;
    if (mode === undefined || mode === permissionMode) return;
    if (isLoose(mode) && !this.#around.permissionModes.includes(mode)) {
      this.#around.log.warn({ mode, conversationId: this.id }, "Claude Code took a mode that is not allowed");
      void this.#seat.process?.query.setPermissionMode(permissionMode).catch(() => this.#seat.end());
      return;
    }
    this.log.appendLastWords(configuredEvent({ model, permissionMode: mode, steering }, null));
    this.#meta.change({ permissionMode: mode });
  }

  #rename(claudeSessionId: string): void {
    if (this.#meta.value.claudeSessionId === claudeSessionId) return;
    this.#meta.change({ claudeSessionId, resumeAt: null });
  }

  #hearPartial(message: Extract<SDKMessage, { type: "stream_event" }>): void {
    const parent = message.parent_tool_use_id;
    if (message.event.type === "message_start" && parent === null) this.#turnOfClaude();
    if (this.#turn === undefined) return;
    const delta = this.#partials.take(this.#place(this.#turn), parent, message.event);
    if (delta !== undefined) this.#around.onDelta(delta);
  }

  /** The running turn; Claude Code may have begun one by itself, when a background task has ended. */
  #turnOfClaude(): Turn {
    if (this.#turn !== undefined) return this.#turn;
    return this.#begin(crypto.randomUUID(), true);
  }

  #hearResult(result: SDKResultMessage): void {
    if (this.#turn === undefined || !this.#turn.isEndedBy(result)) return;
    const { spent, after } = costOf(result, this.#meta.value.totals);
    this.#meta.change({ totals: after, spentUsd: this.#meta.value.spentUsd + spent.costUsd });
    const noSession = result.subtype !== "success" && /no conversation found/i.test(result.errors.join());
    if (noSession) this.#meta.change({ claudeSessionId: null, resumeAt: null });
    this.#close(this.#turn.endBy(result, spent));
  }

  /** Ends the turn for a reason of ours; Claude Code is stopped first. */
  #fail(verdict: Turn["verdict"]): void {
    if (this.#turn === undefined || this.#turn.verdict !== undefined) return;
    this.#turn.verdict = verdict;
    this.#stopTurn();
  }

  #stopTurn(): void {
    if (this.#stopTimer !== undefined) return;
    this.#withdrawQuestions();
    this.#stopTimer = setTimeout(() => this.#abandon(), this.#around.stopMs);
    this.#seat.process?.query.interrupt().catch((err: unknown) => {
      this.#around.log.warn({ err, conversationId: this.id }, "Claude Code did not take the interrupt");
    });
  }

  /** Claude Code did not stop in time: its process is ended, and the next prompt resumes in a new one. */
  #abandon(): void {
    void this.#seat.end();
    this.#lose(failureOf("claude-crashed"));
  }

  #processEnded(error: Error | undefined): void {
    this.#output.stop();
    if (error !== undefined)
      this.#around.log.warn({ err: error, conversationId: this.id }, "Claude Code ended");
    if (this.#turn !== undefined) this.#lose(failureOf("claude-crashed"));
  }

  /** The turn ends without a result. */
  #lose(failure: ReturnType<typeof failureOf>): void {
    if (this.#turn !== undefined) this.#close(this.#turn.endWithout(failure));
  }

  #close(end: Parameters<ConversationLog["appendLastWords"]>[0]): void {
    clearTimeout(this.#stopTimer);
    this.#stopTimer = undefined;
    if (end.kind === "turn-failed" || this.#turn?.interrupted) this.#withdrawQuestions();
    this.#partials.clear();
    this.#turn = undefined;
    this.log.appendLastWords(end);
    // What waits would mostly fail as well, one after the other: it is kept until somebody says so.
    if (end.kind === "turn-failed" && !this.#stopped)
      this.#holdQueue(end.reason === "conversation-budget" ? "budget" : "failed");
    this.#next();
  }

  #withdrawQuestions(): void {
    try {
      this.#questions.withdrawAll();
    } catch (err) {
      this.#around.log.warn({ err, conversationId: this.id }, "a withdrawn question could not be recorded");
    }
  }

  #append(event: Parameters<ConversationLog["append"]>[0]): JournalEntry {
    try {
      return this.log.append(event);
    } catch (error) {
      throw toAppError(error, "the conversation cannot be recorded");
    }
  }

  /** Of the conversation's budget; null: it has none. */
  #budgetLeft(): number | null {
    const { steering, spentUsd } = this.#meta.value;
    return steering.budgetUsd === null ? null : Math.max(0, steering.budgetUsd - spentUsd);
  }

  #holdQueue(because: QueueHold): void {
    try {
      this.#queue.hold(because, null);
    } catch (err) {
      this.#around.log.warn({ err, conversationId: this.id }, "a held queue could not be recorded");
    }
  }

  #place(turn: Turn | undefined) {
    return { conversationId: this.id, turnId: turn?.turnId ?? this.#lastTurnId };
  }
}
