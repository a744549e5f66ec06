import type { ChatDelta, JournalEntry, SdkMessage } from "@remote-claude/protocol";
import { asFields, contentOf, messageIdOf, parentOf, stringOf } from "./sdk.ts";

/** A block that is being written. */
export interface PartialBlock {
  readonly turnId: string;
  readonly messageId: string;
  readonly parentToolUseId: string | null;
  readonly block: number;
  readonly blockType: ChatDelta["blockType"];
  readonly toolName: string | null;
  /** From offset 0 without a gap. */
  readonly text: string;
  /** Pieces that begin behind a gap. */
  readonly early: readonly ChatDelta[];
  /** Not confirmed since the page asked where things stand. */
  readonly stale: boolean;
}

export type Partials = ReadonlyMap<string, PartialBlock>;
export const noPartials: Partials = new Map();

export const blockKey = (messageId: string, block: number) => `${messageId}:${block}`;

/** How many blocks of each message are finished, and which turns are over: their late pieces are void. */
export interface Finished {
  readonly blocks: ReadonlyMap<string, number>;
  readonly turns: ReadonlySet<string>;
}

export const nothingFinished: Finished = { blocks: new Map(), turns: new Set() };

/** Merges pieces by their offset: what is there already is dropped, what comes too early waits. */
export function addDeltas(partials: Partials, deltas: readonly ChatDelta[], finished: Finished): Partials {
  const next = new Map(partials);
  for (const delta of deltas) {
    if (delta.blockType === "tool-output") {
      addOutput(next, delta);
      continue;
    }
    if (finished.turns.has(delta.turnId)) continue;
    if (delta.block < (finished.blocks.get(delta.messageId) ?? 0)) continue;
    const key = blockKey(delta.messageId, delta.block);
    if (!next.has(key)) dropVoid(next, delta);
    next.set(key, merge(next.get(key), delta));
  }
  return next;
}

/** Of what a command writes only the newest text counts; it may go on when the turn has ended. */
function addOutput(partials: Map<string, PartialBlock>, delta: ChatDelta): void {
  const key = outputKey(delta.messageId);
  const known = partials.get(key);
  if (known !== undefined && known.block > delta.block) return;
  partials.set(key, merge(known?.block === delta.block ? known : undefined, delta));
}

const outputKey = (callId: string) => `output:${callId}`;

/** A message that is being written while another one begins was cut off: nothing more comes of it. */
function dropVoid(partials: Map<string, PartialBlock>, delta: ChatDelta): void {
  for (const [key, partial] of partials) {
    if (partial.blockType === "tool-output") continue;
    if (partial.parentToolUseId === delta.parentToolUseId && partial.messageId !== delta.messageId)
      partials.delete(key);
  }
}

function merge(partial: PartialBlock | undefined, delta: ChatDelta): PartialBlock {
  const text = partial?.text ?? "";
  const base: PartialBlock = {
    turnId: delta.turnId,
    messageId: delta.messageId,
    parentToolUseId: delta.parentToolUseId,
    block: delta.block,
    blockType: delta.blockType,
    toolName: delta.toolName,
    text,
    early: partial?.early ?? [],
    stale: false,
  };
  if (delta.offset > text.length) return { ...base, early: [...base.early, delta] };
  const longer = text + delta.text.slice(text.length - delta.offset);
  if (base.early.length === 0) return { ...base, text: longer };
  return fillFromEarly({ ...base, text: longer });
}

function fillFromEarly(partial: PartialBlock): PartialBlock {
  let { text } = partial;
  const early: ChatDelta[] = [];
  for (const delta of [...partial.early].sort((a, b) => a.offset - b.offset)) {
    if (delta.offset > text.length) early.push(delta);
    else text += delta.text.slice(text.length - delta.offset);
  }
  return { ...partial, text, early };
}

/** Pieces are missing. */
export function hasHole(partials: Partials): boolean {
  for (const { early } of partials.values()) if (early.length > 0) return true;
  return false;
}

/** Before asking where things stand. */
export function markStale(partials: Partials): Partials {
  return new Map([...partials].map(([key, partial]) => [key, { ...partial, stale: true }]));
}

/** The answer names all that is being written; what it does not name, and nothing has come of since, is over. */
export function addPartialsSnapshot(
  partials: Partials,
  snapshot: readonly ChatDelta[],
  finished: Finished,
): Partials {
  const merged = addDeltas(partials, snapshot, finished);
  return new Map([...merged].filter(([, partial]) => !partial.stale));
}

/** The commands whose output a message brings whole, or says to be over. */
function callsEndedBy(message: SdkMessage): string[] {
  if (message.type === "system") {
    const callId = message.subtype === "task_notification" ? stringOf(message, "tool_use_id") : null;
    return callId === null ? [] : [callId];
  }
  // One that goes on in the background has answered, and still writes.
  if (message.type !== "user" || asFields(message.tool_use_result)?.backgroundTaskId !== undefined) return [];
  return contentOf(message).flatMap((block) => stringOf(block, "tool_use_id") ?? []);
}

/** Takes notice of finished blocks and turns, and drops their pieces. */
export function finish(
  partials: Partials,
  before: Finished,
  entries: readonly JournalEntry[],
): { partials: Partials; finished: Finished } {
  if (entries.length === 0) return { partials, finished: before };
  const left = new Map(partials);
  const blocks = new Map(before.blocks);
  const turns = new Set(before.turns);
  for (const { event } of entries) {
    if (event.kind === "turn-ended" || event.kind === "turn-failed") {
      turns.add(event.turnId);
      for (const [key, partial] of left)
        if (partial.turnId === event.turnId && partial.blockType !== "tool-output") left.delete(key);
    } else if (event.kind === "sdk" && event.message.type !== "assistant") {
      for (const callId of callsEndedBy(event.message)) left.delete(outputKey(callId));
    } else if (event.kind === "sdk") {
      const id = messageIdOf(event.message);
      const content = contentOf(event.message);
      const count = (blocks.get(id) ?? 0) + content.length;
      blocks.set(id, count);
      for (const [key, partial] of left) {
        if (partial.messageId !== id || partial.parentToolUseId !== parentOf(event.message)) continue;
        // The page may have joined in the middle of the message: then the text tells which block this is.
        const same = content.some((block) =>
          (stringOf(block, "text") ?? "").startsWith(partial.text || "\0"),
        );
        if (partial.block < count || same) left.delete(key);
      }
    }
  }
  return { partials: left, finished: { blocks, turns } };
}
