import type { ChatEvent, Conversation, JournalEntry } from "@remote-claude/protocol";
import { type Chat, entriesAfter } from "../chat/index.ts";

/** Of a tool's input or output, in a document that is meant to be read. */
const shownLength = 2000;

/** Every entry, a page at a time: a conversation may be larger than our memory. */
async function* entriesOf(chat: Chat, sessionId: string, conversationId: string) {
  for (let after = 0; ; ) {
    const { entries, more } = await entriesAfter(chat, sessionId, conversationId, after);
    yield* entries;
    const last = entries.at(-1);
    if (!more || last === undefined) return;
    after = last.seq;
  }
}

/** The conversation and every entry of its journal, as JSON. */
export async function* asJson(chat: Chat, conversation: Conversation): AsyncGenerator<string> {
  yield `{"conversation":${JSON.stringify(conversation)},"entries":[`;
  let first = true;
  for await (const entry of entriesOf(chat, conversation.sessionId, conversation.conversationId)) {
    yield `${first ? "" : ","}\n${JSON.stringify(entry)}`;
    first = false;
  }
  yield "\n]}\n";
}

/** The talk as Markdown: what was said, what tools were asked and answered, cut where it is long. */
export async function* asMarkdown(chat: Chat, conversation: Conversation): AsyncGenerator<string> {
  const { title, createdAt, lastActiveAt, sessionId, conversationId } = conversation;
  yield `# ${(title ?? "Conversation").replace(/\s+/g, " ")}\n\nBegun ${createdAt}, last active ${lastActiveAt}.\n`;
  const prompts = new Map<string, Prompt>();
  for await (const entry of entriesOf(chat, sessionId, conversationId)) {
    const text = written(entry, prompts);
    if (text !== "") yield `\n${text}\n`;
  }
}

type Prompt = Pick<Extract<ChatEvent, { kind: "user-message" }>, "text" | "attachments" | "by">;

function written({ at, event }: JournalEntry, prompts: Map<string, Prompt>): string {
  switch (event.kind) {
    case "user-message":
      prompts.set(event.messageId, event);
      return "";
    case "prompt-edited": {
      const prompt = prompts.get(event.messageId);
      if (prompt !== undefined) prompts.set(event.messageId, { ...prompt, ...event, by: prompt.by });
      return "";
    }
    case "turn-started": {
      const prompt = prompts.get(event.messageId);
      return prompt === undefined ? "" : promptText(prompt, at);
    }
    case "sdk":
      return messageText(event.message);
    case "permission-answered":
      return `*${decisionText(event)}*`;
    case "turn-failed":
      return `*The turn failed: ${event.message}*`;
    case "turn-ended":
      return event.outcome === "interrupted" ? "*Stopped.*" : "";
    case "rewound":
      return `*${event.by?.name ?? "Somebody"} went back to before “${excerpt(prompts.get(event.messageId)?.text ?? "a message")}” (${whatWords[event.what]}).*`;
    case "forked":
      return `*${event.by?.name ?? "Somebody"} went on here, apart from the conversation above.*`;
    default:
      return "";
  }
}

const decisionWords = {
  allow: "allowed it",
  "allow-for-session": "allowed it for the session",
  "allow-always": "allowed it, and always the like of it",
  deny: "denied it",
} as const;

function decisionText({
  by,
  decision,
  message,
}: Extract<ChatEvent, { kind: "permission-answered" }>): string {
  if (decision === "withdrawn") return "Nobody answered before the turn ended.";
  const said = message === null ? "" : `: ${message}`;
  return `${by?.name ?? "Somebody"} ${decisionWords[decision]}${said}`;
}

const whatWords = {
  both: "conversation and files",
  conversation: "the conversation alone",
  files: "the files alone",
} as const;

function promptText({ by, text, attachments }: Prompt, at: string): string {
  const files = attachments.map(({ path, lines }) => `\`${path}${lines ? `:${lines.join("-")}` : ""}\``);
  return `## ${by.name}, ${at}\n\n${text}${files.length === 0 ? "" : `\n\nAttached: ${files.join(", ")}`}`;
}

/** What Claude said and did; a session may have written anything here, so nothing is taken for granted. */
function messageText(message: Readonly<Record<string, unknown>>): string {
  const content = (message.message as { content?: unknown } | null | undefined)?.content;
  if (!Array.isArray(content)) return "";
  const inside = typeof message.parent_tool_use_id === "string";
  const parts = content.flatMap((block: unknown) => {
    const text = blockText((block ?? {}) as Readonly<Record<string, unknown>>, inside);
    return text === "" ? [] : [text];
  });
  return parts.join("\n\n");
}

function blockText(block: Readonly<Record<string, unknown>>, inside: boolean): string {
  const who = inside ? "A subagent of Claude" : "Claude";
  if (block.type === "text" && typeof block.text === "string")
    return block.text.trim() === "" ? "" : `### ${who}\n\n${block.text}`;
  if (block.type === "tool_use")
    return `**${who} uses ${String(block.name)}**\n\n${fenced(JSON.stringify(block.input, null, 2) ?? "", "json")}`;
  if (block.type === "tool_result") return fenced(resultText(block.content), "");
  return "";
}

function resultText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => {
      const { type, text } = (part ?? {}) as Readonly<Record<string, unknown>>;
      return typeof text === "string" ? text : `[${String(type)}]`;
    })
    .join("\n");
}

/** In a fence that is longer than any in the text. */
function fenced(text: string, language: string): string {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength).toWellFormed()}\n…` : text;
  const longest = Math.max(2, ...[...cut.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${cut}\n${fence}`;
}

const excerpt = (text: string) => text.replace(/\s+/g, " ").slice(0, 80).toWellFormed();
