import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { linesIn } from "@remote-claude/protocol";
import { FileHistory } from "./file-history.ts";

/** Where a prompt stands in Claude Code's own record of the conversation. */
export interface TranscriptPlace {
  /** What stood before it: what a conversation goes on from that never had it. null: nothing did. */
  readonly before: string | null;
  /** Claude Code has shortened the conversation since: what was before the prompt is not before it any more. */
  readonly shortenedSince: boolean;
}

interface Line {
  readonly uuid?: unknown;
  readonly parentUuid?: unknown;
  readonly type?: unknown;
  readonly subtype?: unknown;
  readonly isSidechain?: unknown;
}

/** The file in which Claude Code keeps a conversation; undefined where there is none. */
export function findTranscript(transcripts: string, claudeSessionId: string): string | undefined {
  try {
    return readdirSync(transcripts)
      .map((project) => join(transcripts, project, `${claudeSessionId}.jsonl`))
      .find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  } catch {
    return undefined;
  }
}

/**
 * Reads through a transcript. `end`: the entry after which it counts no more (of a conversation that went back and has
 * not gone on yet); null: all of it.
 */
export class Transcript {
  readonly #path: string;
  readonly #end: string | null;

  constructor(path: string, end: string | null) {
    this.#path = path;
    this.#end = end;
  }

  /** Where the prompt of this id stands; undefined where it does not. */
  async find(messageId: string): Promise<TranscriptPlace | undefined> {
    let place: TranscriptPlace | undefined;
    for await (const line of this.#lines()) {
      if (place === undefined && line.uuid === messageId && line.type === "user") {
        place = {
          before: typeof line.parentUuid === "string" ? line.parentUuid : null,
          shortenedSince: false,
        };
      } else if (place !== undefined && line.subtype === "compact_boundary") {
        place = { ...place, shortenedSince: true };
      }
    }
    return place;
  }

  /** The last entry of the talk itself; null where there is none. */
  async last(): Promise<string | null> {
    let last: string | null = null;
    for await (const { uuid, isSidechain, type } of this.#lines()) {
      const talks = type === "user" || type === "assistant" || type === "attachment" || type === "system";
      if (talks && typeof uuid === "string" && isSidechain !== true) last = uuid;
    }
    return last;
  }

  /** What is noted of files, in all of it: notes stand before or behind the entries that they are about. */
  async fileHistory(workspace: string): Promise<FileHistory> {
    const history = new FileHistory(workspace);
    for await (const line of this.#all()) history.hear(line);
    return history;
  }

  async *#lines(): AsyncGenerator<Line> {
    for await (const line of this.#all()) {
      yield line;
      if (this.#end !== null && line.uuid === this.#end) return;
    }
  }

  async *#all(): AsyncGenerator<Line> {
    for await (const text of linesIn(createReadStream(this.#path, "utf8"))) {
      const line = parse(text);
      if (line !== undefined) yield line;
    }
  }
}

function parse(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === "object" && line !== null ? line : undefined;
  } catch {
    // Torn, or written by somebody else.
    return undefined;
  }
}
