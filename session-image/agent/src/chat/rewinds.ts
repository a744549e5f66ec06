import { isAbsolute, relative } from "node:path";
import type { RewindFilesResult } from "@anthropic-ai/claude-agent-sdk";
import { type Actor, AppError, type ChatEvent, type Payload, type Reply } from "@remote-claude/protocol";
import type { ClaudeProcess } from "./claude-process.ts";
import type { ClaudeSeat } from "./claude-seat.ts";
import { type ConversationMeta, noUsage } from "./conversation-meta.ts";
import type { FileHistory } from "./file-history.ts";
import type { TouchedFiles } from "./touched-files.ts";
import { findTranscript, Transcript, type TranscriptPlace } from "./transcript.ts";

/** Files that an entry of the journal names. */
const maxNamed = 100;
const answerTimeoutMs = 25_000;

export interface RewindSurroundings {
  readonly meta: ConversationMeta;
  readonly seat: ClaudeSeat;
  readonly touched: TouchedFiles;
  readonly transcripts: string;
  readonly workspace: string;
  /** Throws, by name, while something runs that going back would pull the ground from under. */
  readonly assertAtRest: () => void;
  readonly append: (event: ChatEvent) => void;
}

/** Where a conversation can go on from: Claude Code's session, and after which of its entries (null: all of it). */
export interface BranchPoint {
  readonly claudeSessionId: string | null;
  readonly resumeAt: string | null;
}

const nowhere: BranchPoint = { claudeSessionId: null, resumeAt: null };

/**
 * Goes back to before a prompt: the talk by going on from Claude Code's entry before it, in a session of its own that
 * leaves the old one whole; files by Claude Code's checkpoints.
 */
export class Rewinds {
  readonly #around: RewindSurroundings;
  #running = false;

  constructor(around: RewindSurroundings) {
    this.#around = around;
  }

  /** Something goes back right now: no turn may begin. */
  get running(): boolean {
    return this.#running;
  }

  async preview(messageId: string): Promise<Reply<"conversation.preview-rewind">> {
    const { seat } = this.#around;
    const place = await this.#find(messageId);
    if (place === undefined) throw new AppError("not_found", notKept);
    const dry = await this.#rewindFiles(messageId, true);
    const history = await this.#transcript()?.fileHistory(this.#around.workspace);
    return {
      files: changedBy(dry, messageId, history).map((path) => ({
        ...this.#describe(path),
        fate: history?.fateOf(path, messageId),
      })),
      insertions: dry.insertions ?? 0,
      deletions: dry.deletions ?? 0,
      filesRefused: dry.canRewind ? null : (dry.error ?? "Claude Code has no copies of the files from then."),
      conversationRefused: place.shortenedSince ? shortened : null,
      backgroundTasks: seat.process === undefined ? 0 : seat.backgroundTasks,
    };
  }

  async rewind(
    { messageId, what, overwrite }: Payload<"conversation.rewind">,
    by: Actor | null,
  ): Promise<Reply<"conversation.rewind">> {
    if (this.#running) throw new AppError("conflict", "The conversation is going back already.");
    this.#around.assertAtRest();
    this.#running = true;
    try {
      const place = await this.#find(messageId);
      if (place === undefined) throw new AppError("not_found", notKept);
      if (what !== "files" && place.shortenedSince) throw new AppError("conflict", shortened);
      const done = what === "conversation" ? nothing : await this.#files(messageId, overwrite);
      if (what !== "files") await this.#talk(place);
      const { files } = done;
      const named = files.slice(0, maxNamed);
      this.#around.append({ kind: "rewound", messageId, what, files: named, fileCount: files.length, by });
      return done;
    } finally {
      this.#running = false;
    }
  }

  /** Where another conversation goes on from that knows what this one knew before a prompt; null: all it knows. */
  async branchPoint(before: string | null): Promise<BranchPoint> {
    const { claudeSessionId, resumeAt } = this.#around.meta.value;
    if (before !== null) {
      const place = await this.#find(before);
      if (place === undefined) throw new AppError("not_found", notKept);
      if (place.shortenedSince) throw new AppError("conflict", shortened);
      return this.#pointBefore(place);
    }
    const last = (await this.#transcript()?.last()) ?? null;
    return last === null || claudeSessionId === null
      ? nowhere
      : { claudeSessionId, resumeAt: resumeAt ?? last };
  }

  #pointBefore({ before }: TranscriptPlace): BranchPoint {
    // Before the first prompt there was nothing: a new session begins.
    const { claudeSessionId } = this.#around.meta.value;
    return before === null ? nowhere : { claudeSessionId, resumeAt: before };
  }

  async #talk(place: TranscriptPlace): Promise<void> {
    const { meta, seat } = this.#around;
    await seat.end();
    const point = this.#pointBefore(place);
    meta.change({
      ...point,
      ...(point.claudeSessionId === null ? { totals: { costUsd: 0, usage: noUsage } } : {}),
    });
  }

  async #files(messageId: string, overwrite: readonly string[]): Promise<Reply<"conversation.rewind">> {
    const dry = await this.#rewindFiles(messageId, true);
    if (!dry.canRewind) throw new AppError("conflict", dry.error ?? "The files cannot go back.");
    const history = await this.#transcript()?.fileHistory(this.#around.workspace);
    const absolute = changedBy(dry, messageId, history);
    const files = absolute.map((path) => this.#describe(path));
    const lost = files.filter(({ path, changedSince }) => changedSince && !overwrite.includes(path));
    if (lost.length > 0) {
      const names = lost.map(({ path }) => path).slice(0, 5);
      throw new AppError(
        "conflict",
        `Somebody else has changed ${names.join(", ")}${lost.length > 5 ? " and more" : ""} since.`,
      );
    }
    if (files.length === 0) return nothing;
    const done = await this.#rewindFiles(messageId, false);
    if (!done.canRewind) throw new AppError("conflict", done.error ?? "The files could not go back.");
    this.#around.touched.note(absolute);
    return { files: files.map(({ path }) => path), skipped: done.skippedLinks ?? 0 };
  }

  #describe(path: string): { path: string; changedSince: boolean } {
    const within = relative(this.#around.workspace, path);
    const outside = within.startsWith("..") || isAbsolute(within);
    return { path: outside ? path : within, changedSince: this.#around.touched.isChangedSince(path) };
  }

  /** Asks Claude Code, which is started for it if need be. */
  async #rewindFiles(messageId: string, dryRun: boolean): Promise<RewindFilesResult> {
    const { seat } = this.#around;
    const process: ClaudeProcess = seat.ensure();
    seat.rest();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new AppError("unavailable", "Claude Code did not answer.")),
      answerTimeoutMs,
    );
    try {
      return await Promise.race([process.query.rewindFiles(messageId, { dryRun }), late.promise]);
    } catch (error) {
      if (error instanceof AppError) throw error;
      // Of a message before which nothing was kept, Claude Code says so as a failure.
      return { canRewind: false, error: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  #find(messageId: string): Promise<TranscriptPlace | undefined> {
    return this.#transcript()?.find(messageId) ?? Promise.resolve(undefined);
  }

  #transcript(): Transcript | undefined {
    const { claudeSessionId, resumeAt } = this.#around.meta.value;
    if (claudeSessionId === null) return undefined;
    const path = findTranscript(this.#around.transcripts, claudeSessionId);
    return path === undefined ? undefined : new Transcript(path, resumeAt);
  }
}

/** Every file that going back would touch. */
function changedBy(dry: RewindFilesResult, messageId: string, history: FileHistory | undefined): string[] {
  const missing = dry.canRewind ? (history?.missing(messageId) ?? []) : [];
  return [...new Set([...(dry.filesChanged ?? []), ...missing])];
}

const nothing: Reply<"conversation.rewind"> = { files: [], skipped: 0 };
const notKept = "Claude Code does not know this message any more: it cannot go back to it.";
const shortened =
  "Claude Code has shortened the conversation since: what stood before this message is not there to go back to.";
