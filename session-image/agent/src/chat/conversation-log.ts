import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ChatEvent, JournalEntry } from "@remote-claude/protocol";
import { errorCode, serverDiskFull } from "../lib/system-errors.ts";
import type { Journal } from "./journal.ts";

/** Room that is kept for the last words of a turn when the disk is full. */
const reserveBytes = 64 * 1024;

/** A journal that tells its readers, knows what must not be forgotten yet, and has last words on a full disk. */
export class ConversationLog {
  readonly journal: Journal;
  readonly #reservePath: string;
  readonly #onEntry: (entry: JournalEntry) => void;
  /** Entries that are still needed after a restart, by what they are about. */
  readonly #open = new Map<string, number>();
  /** Last words that found no room even so. */
  #owed: ChatEvent[] = [];

  constructor(journal: Journal, directory: string, onEntry: (entry: JournalEntry) => void) {
    this.journal = journal;
    this.#reservePath = join(directory, "reserve");
    this.#onEntry = onEntry;
    this.#keepReserve();
  }

  /** Writes, then tells. Throws when the disk is full. */
  append(event: ChatEvent): JournalEntry {
    this.#payOwed();
    return this.#append(event);
  }

  /** Writes what must be written: from the reserve if need be, or as soon as there is room again. */
  appendLastWords(event: ChatEvent): void {
    try {
      this.#payOwed();
      this.#append(event);
    } catch {
      rmSync(this.#reservePath, { force: true });
      try {
        this.#append(event);
      } catch {
        this.#owed.push(event);
      }
    }
  }

  acknowledge(seq: number): void {
    this.journal.acknowledge(seq, Math.min(...this.#open.values(), Number.MAX_SAFE_INTEGER));
  }

  #append(event: ChatEvent): JournalEntry {
    const entry = this.journal.append(event);
    this.#track(event, entry.seq);
    this.#onEntry(entry);
    return entry;
  }

  #payOwed(): void {
    for (let event = this.#owed[0]; event !== undefined; event = this.#owed[0]) {
      this.#append(event);
      this.#owed.shift();
    }
    if (!existsSync(this.#reservePath)) this.#keepReserve();
  }

  #track(event: ChatEvent, seq: number): void {
    if (event.kind === "user-message") this.#open.set(event.messageId, seq);
    if (event.kind === "prompt-removed") this.#open.delete(event.messageId);
    if (event.kind === "turn-started") {
      this.#open.delete(event.messageId);
      this.#open.set("turn", seq);
    }
    if (event.kind === "turn-ended" || event.kind === "turn-failed") this.#open.delete("turn");
    if (event.kind === "permission-asked") this.#open.set(event.requestId, seq);
    if (event.kind === "permission-answered") this.#open.delete(event.requestId);
  }

  #keepReserve(): void {
    try {
      if (!existsSync(this.#reservePath)) writeFileSync(this.#reservePath, Buffer.alloc(reserveBytes, 1));
    } catch {
      // No room for it: as much as there was is taken, which is the same.
    }
  }
}

/** A sentence for a journal that could not be written. */
export function diskTrouble(error: unknown): string {
  if (errorCode(error) === "EROFS") return `Claude was stopped: ${serverDiskFull}.`;
  const full = ["ENOSPC", "EDQUOT"].includes(errorCode(error) ?? "");
  return full
    ? "The session's disk is full: Claude was stopped because nothing more could be recorded. Delete something, then send again."
    : `Claude was stopped because nothing more could be recorded: ${error instanceof Error ? error.message : String(error)}`;
}

/** Where a home keeps the journals. */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, "journal");
}

/** Where Claude Code keeps its transcripts of this home. */
export function transcriptRoot(stateDirectory: string): string {
  return join(dirname(stateDirectory), ".claude", "projects");
}
