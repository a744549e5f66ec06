import type { SdkMessage } from "@remote-claude/protocol";

/**
 * Messages of the Claude Agent SDK come as they are and grow with each version, so they are read with care here:
 * each reader answers with what it knows, or with null.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** What a table holds under a name that somebody else chose; it may be that of what every object has. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export function stringOf(fields: Fields | null | undefined, name: string): string | null {
  const value = fields?.[name];
  return typeof value === "string" ? value : null;
}

export function numberOf(fields: Fields | null | undefined, name: string): number | null {
  const value = fields?.[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function listOf(fields: Fields | null | undefined, name: string): readonly unknown[] {
  const value = fields?.[name];
  return Array.isArray(value) ? value : [];
}

/** The content blocks of an `assistant` or `user` message; a bare string counts as one text block. */
export function contentOf(message: SdkMessage): readonly Fields[] {
  const inner = asFields(message.message);
  if (typeof inner?.content === "string") return [{ type: "text", text: inner.content }];
  return listOf(inner, "content")
    .map(asFields)
    .filter((block) => block !== null);
}

/** The model's id of an assistant message: its pieces and its finished blocks carry the same. */
export function messageIdOf(message: SdkMessage): string {
  return stringOf(asFields(message.message), "id") ?? stringOf(message, "uuid") ?? "";
}

export function parentOf(message: SdkMessage): string | null {
  return stringOf(message, "parent_tool_use_id");
}

/** When a limit ends that was reached; null while none is, or nobody says when. */
export function limitEndOf(message: SdkMessage): string | null {
  const info = asFields(message.rate_limit_info);
  const seconds = numberOf(info, "resetsAt");
  if (info?.status !== "rejected" || seconds === null || seconds <= 0 || seconds > 1e11) return null;
  return new Date(seconds * 1000).toISOString();
}

/** What a tool answered: its text, as Claude saw it, and the tool's own structured output. */
export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
  /** `tool_use_result` of the SDK: per tool, unknown to us until narrowed. */
  readonly structured: unknown;
  /** data: addresses of images. */
  readonly images: readonly string[];
  /** A permission rule or a person refused it. */
  readonly rejected: boolean;
}

const imageTypes = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

function imageOf(block: Fields): string | null {
  const source = asFields(block.source);
  const mediaType = stringOf(source, "media_type");
  const data = stringOf(source, "data");
  if (mediaType === null || data === null || !imageTypes.has(mediaType)) return null;
  return /^[A-Za-z0-9+/=]+$/.test(data) ? `data:${mediaType};base64,${data}` : null;
}

const read = new WeakMap<Fields, ToolResult>();

/** Reads a block that answers a tool call, with the message that carried it; once, since timelines are made often. */
export function toolResultOf(block: Fields, message: SdkMessage): ToolResult {
  let result = read.get(block);
  if (result === undefined) {
    result = readToolResult(block, message);
    read.set(block, result);
  }
  return result;
}

function readToolResult(block: Fields, message: SdkMessage): ToolResult {
  const parts =
    typeof block.content === "string"
      ? [{ type: "text", text: block.content } as Fields]
      : listOf(block, "content")
          .map(asFields)
          .filter((part) => part !== null);
  const meta = listOf(message, "tool_result_meta")
    .map(asFields)
    .find((item) => item?.id === block.tool_use_id);
  const decision = stringOf(asFields(meta?.permission_decision), "decision");
  return {
    text: parts
      .map((part) => stringOf(part, "text"))
      .filter((text) => text !== null)
      .join("\n"),
    isError: block.is_error === true,
    structured: message.tool_use_result ?? (parts.some((part) => part.type !== "text") ? parts : null),
    images: parts.map(imageOf).filter((image) => image !== null),
    rejected: decision === "reject",
  };
}
