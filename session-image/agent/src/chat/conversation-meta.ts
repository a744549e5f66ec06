import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { defaultSteering, Id, PermissionMode, Steering, TokenUsage } from "@remote-claude/protocol";
import * as z from "zod";

/** Prompts whose ids are remembered, so that one sent again is known. */
const maxRemembered = 500;

const Meta = z.object({
  /** Claude Code's name for the conversation: what it is resumed by. */
  claudeSessionId: Id.nullable(),
  /** It went back: the entry of that session after which it goes on, in a new session. */
  resumeAt: Id.nullable().default(null),
  model: z.string().nullable(),
  permissionMode: PermissionMode,
  steering: Steering.default(defaultSteering),
  /** What all turns have cost: the totals below begin anew when a process was killed. */
  spentUsd: z.number().default(0),
  /** What Claude Code counted up to the last turn: its figures are running totals. */
  totals: z.object({ costUsd: z.number(), usage: TokenUsage }),
  /** Message id and the seq of its entry, oldest first. */
  messages: z.array(z.tuple([Id, z.int().positive()])),
  /** Of the journal, should its file be empty. */
  firstSeq: z.int().positive(),
});
export type Meta = z.infer<typeof Meta>;

export const noUsage: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
};

/** What is kept of a conversation beside its journal: a small JSON file, replaced whole at each change. */
export class ConversationMeta {
  readonly #path: string;
  readonly #onUnwritable: (error: unknown) => void;
  #meta: Meta;

  constructor(path: string, permissionMode: PermissionMode, onUnwritable: (error: unknown) => void) {
    this.#path = path;
    this.#onUnwritable = onUnwritable;
    this.#meta = readMeta(path) ?? {
      claudeSessionId: null,
      resumeAt: null,
      model: null,
      permissionMode,
      steering: defaultSteering,
      spentUsd: 0,
      totals: { costUsd: 0, usage: noUsage },
      messages: [],
      firstSeq: 1,
    };
  }

  get value(): Readonly<Meta> {
    return this.#meta;
  }

  change(changes: Partial<Meta>): void {
    this.#meta = { ...this.#meta, ...changes };
    try {
      const temporary = `${this.#path}.new`;
      writeFileSync(temporary, JSON.stringify(this.#meta), { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch (error) {
      // A full disk: memory has it, and the next change tries again.
      this.#onUnwritable(error);
    }
  }

  seqOfMessage(messageId: string): number | undefined {
    return this.#meta.messages.find(([id]) => id === messageId)?.[1];
  }

  rememberMessage(messageId: string, seq: number): void {
    if (this.seqOfMessage(messageId) !== undefined) return;
    this.change({
      messages: [...this.#meta.messages, [messageId, seq] as [string, number]].slice(-maxRemembered),
    });
  }
}

function readMeta(path: string): Meta | undefined {
  try {
    return Meta.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Not there yet, or not what this program wrote.
    return undefined;
  }
}
