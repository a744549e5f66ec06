import type { SdkMessage } from "@remote-claude/protocol";
import type { NoticeItem } from "./items.ts";
import { asFields, listOf, numberOf, own, stringOf } from "./sdk.ts";

type Notice = Omit<NoticeItem, "kind" | "key">;

/** Known, and nothing for people: figures, states, and what other entries say better. */
const quietTypes = new Set([
  "result",
  "rate_limit_event",
  "tool_use_summary",
  "prompt_suggestion",
  "auth_status",
  "tool_progress",
  "stream_event",
  "keep_alive",
  "command_lifecycle",
  "active_goal",
]);

/** Of `system`: what is worth a line; every other subtype is Claude Code's own housekeeping. */
const systemNotices: Readonly<Record<string, (message: SdkMessage) => Notice | null>> = {
  compact_boundary: (message) => {
    const meta = asFields(message.compact_metadata);
    const before = numberOf(meta, "pre_tokens");
    const after = numberOf(meta, "post_tokens");
    const sizes =
      before === null
        ? ""
        : ` (${formatTokens(before)}${after === null ? "" : ` → ${formatTokens(after)}`} tokens)`;
    return line("compact", `The conversation was shortened to go on${sizes}`);
  },
  local_command_output: (message) => {
    const content = stringOf(message, "content");
    return content === null || content.trim() === "" ? null : line("info", firstLine(content), content);
  },
  informational: (message) => {
    const content = stringOf(message, "content");
    return content === null ? null : line("info", firstLine(content), moreThanLine(content));
  },
  model_refusal_fallback: (message) =>
    line("warning", stringOf(message, "content") ?? "The model declined; another one goes on."),
  model_refusal_no_fallback: (message) =>
    line("warning", stringOf(message, "content") ?? "The model declined to go on."),
  session_writes_lost: () =>
    line("warning", "The disk is full: a part of this conversation was not saved, and may be missing later."),
  notification: (message) => {
    const text = stringOf(message, "text");
    const loud = message.priority === "high" || message.priority === "immediate";
    return text === null || !loud ? null : line("info", firstLine(text), moreThanLine(text));
  },
  memory_recall: (message) => {
    const memories = listOf(message, "memories").map(asFields);
    const paths = memories.flatMap((memory) => stringOf(memory, "path") ?? []);
    if (memories.length === 0) return null;
    const detail = memories.flatMap((memory) => stringOf(memory, "content") ?? []).join("\n\n");
    const count = memories.length === 1 ? "a memory" : `${memories.length} memories`;
    return line("info", `Claude recalled ${count}`, detail || paths.join("\n") || null);
  },
  task_notification: (message) => {
    // Those that someone waits for say so in their own card.
    const status = stringOf(message, "status");
    if (status === "completed") return null;
    const summary = stringOf(message, "summary");
    return status === null ? null : line("task", `A background task ${status}`, summary);
  },
};

/** What a message that is no talk says to people, or null. */
export function noticeOf(message: SdkMessage): Notice | null {
  if (message.type === "system") {
    return own(systemNotices, stringOf(message, "subtype") ?? "")?.(message) ?? null;
  }
  if (quietTypes.has(message.type)) return null;
  if (message.type === "conversation_reset") return line("compact", "The conversation was cleared");
  return line("info", `Claude Code: ${message.type}`, JSON.stringify(message, null, 2));
}

function line(icon: Notice["icon"], text: string, detail: string | null = null): Notice {
  return { icon, text, detail };
}

const firstLine = (text: string) => text.trim().split("\n", 1)[0]?.slice(0, 200) ?? "";
const moreThanLine = (text: string) => (firstLine(text) === text.trim() ? null : text);

/** "950", "12.3k", "1.2M". */
export function formatTokens(count: number): string {
  if (count < 1000) return String(count);
  if (count < 999_950) return `${(count / 1000).toFixed(count < 99_950 ? 1 : 0).replace(/\.0$/, "")}k`;
  return `${(count / 1_000_000).toFixed(1).replace(/\.0$/, "")}M`;
}
