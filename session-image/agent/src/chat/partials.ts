import type { ChatDelta } from "@remote-claude/protocol";

type Place = Pick<ChatDelta, "conversationId" | "turnId">;

/** The stream events of the Messages API, as far as they are read here. */
interface StreamEvent {
  readonly type: string;
  readonly index?: number;
  readonly message?: { readonly id?: string };
  readonly content_block?: { readonly type?: string; readonly name?: string };
  readonly delta?: {
    readonly type?: string;
    readonly text?: string;
    readonly thinking?: string;
    readonly partial_json?: string;
  };
}

const blockTypes: Readonly<Record<string, ChatDelta["blockType"]>> = {
  text: "text",
  thinking: "thinking",
  tool_use: "tool-input",
  server_tool_use: "tool-input",
  mcp_tool_use: "tool-input",
};

interface Writing {
  readonly messageId: string;
  block: number;
  blockType: ChatDelta["blockType"] | null;
  toolName: string | null;
  /** Pieces of the block so far; joined only when somebody asks. */
  pieces: string[];
  length: number;
}

/**
 * What is being written at this moment, main conversation and subagents apart (by the tool use that started the
 * subagent). Blocks of a message come one after the other, so there is one piece of writing for each of them.
 */
export class Partials {
  readonly #writing = new Map<string | null, Writing>();

  /** Takes a partial message of the SDK; answers with the delta it amounts to, if any. */
  take(place: Place, parentToolUseId: string | null, given: { type: string }): ChatDelta | undefined {
    const event: StreamEvent = given;
    if (event.type === "message_start") {
      // What was being written before and never finished (the stream was cut) is void.
      this.#writing.set(parentToolUseId, {
        messageId: event.message?.id ?? "",
        block: 0,
        blockType: null,
        toolName: null,
        pieces: [],
        length: 0,
      });
      return undefined;
    }
    const writing = this.#writing.get(parentToolUseId);
    if (writing === undefined) return undefined;
    if (event.type === "content_block_start") {
      writing.block = event.index ?? 0;
      writing.blockType = blockTypes[event.content_block?.type ?? ""] ?? null;
      writing.toolName = writing.blockType === "tool-input" ? (event.content_block?.name ?? null) : null;
      writing.pieces = [];
      writing.length = 0;
      // A tool's name is worth showing before its first argument comes.
      return writing.blockType === "tool-input" ? deltaOf(place, parentToolUseId, writing, 0, "") : undefined;
    }
    if (event.type !== "content_block_delta" || writing.blockType === null) return undefined;
    const text = event.delta?.text ?? event.delta?.thinking ?? event.delta?.partial_json ?? "";
    if (text === "") return undefined;
    const offset = writing.length;
    writing.pieces.push(text);
    writing.length += text.length;
    return deltaOf(place, parentToolUseId, writing, offset, text);
  }

  /** A block of this message is finished and journalled: its pieces are done with. */
  finish(parentToolUseId: string | null, messageId: string): void {
    const writing = this.#writing.get(parentToolUseId);
    if (writing?.messageId !== messageId) return;
    writing.blockType = null;
    writing.pieces = [];
    writing.length = 0;
  }

  clear(): void {
    this.#writing.clear();
  }

  /** Everything that is being written, each from offset 0. */
  snapshot(place: Place): ChatDelta[] {
    return [...this.#writing].flatMap(([parentToolUseId, writing]) =>
      writing.blockType === null || (writing.length === 0 && writing.toolName === null)
        ? []
        : [deltaOf(place, parentToolUseId, writing, 0, writing.pieces.join(""))],
    );
  }
}

function deltaOf(
  place: Place,
  parentToolUseId: string | null,
  writing: Writing,
  offset: number,
  text: string,
): ChatDelta {
  return {
    conversationId: place.conversationId,
    turnId: place.turnId,
    messageId: writing.messageId,
    parentToolUseId,
    block: writing.block,
    blockType: writing.blockType ?? "text",
    toolName: writing.toolName,
    offset,
    text,
  };
}
