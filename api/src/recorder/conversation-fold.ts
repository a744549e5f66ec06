import {
  type Actor,
  type ChatEvent,
  type ChatEventOf,
  type ConversationState,
  type JournalEntry,
  type PermissionMode,
  Steering,
} from "@remote-claude/protocol";

/** What the events since the last fold change in a conversation's row. Undefined: unchanged. */
export interface ConversationChange {
  lastSeq: number;
  lastActiveAt: Date;
  state?: ConversationState;
  title?: string;
  /** The title that stood for want of words, which this one replaces. */
  replaces?: string | null;
  model?: string | null;
  permissionMode?: PermissionMode;
  steering?: Steering;
  /** Whoever writes into a conversation that was put away takes it out. */
  archivedAt?: null;
  costUsd: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
}

/** What must be known of a conversation to understand its next event. */
export interface ConversationMemory {
  /** By words, or by a person: it stays. */
  titled: boolean;
  /** The title until words come: what the first message brought along. */
  placeholder: string | null;
  /** Questions that nobody has answered. */
  readonly pending: Set<string>;
  /** Who wrote the last prompt: Claude acts for them. */
  prompter: Actor | null;
}

const titleLength = 60;

/** The first line of the prompt, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.replace(/\s+/g, " ").trim() ?? "";
  if (line.length <= titleLength) return line;
  const cut = line.slice(0, titleLength);
  const lastSpace = cut.lastIndexOf(" ");
  return `${lastSpace < titleLength / 2 ? cut : cut.slice(0, lastSpace)}…`;
}

/** A conversation's name while nothing was said in it: what was attached. Empty where nothing was. */
export function placeholderOf(attachments: ChatEventOf<"user-message">["attachments"]): string {
  const [first] = attachments;
  if (first === undefined) return "";
  // Without the time under which the page files what is pasted; a pasted picture has no name of its own.
  const name = first.path.replace(/^.*\//, "").replace(/^\d{8}-\d{6}-(\d+-)?/, "");
  const called = titleOf(/^(image\.\w+)?$/.test(name) ? "Picture" : name);
  return attachments.length === 1 ? called : `${called} and ${attachments.length - 1} more`;
}

function applyTitle(
  change: ConversationChange,
  memory: ConversationMemory,
  { text, attachments }: ChatEventOf<"user-message">,
): void {
  if (memory.titled) return;
  const title = titleOf(text);
  if (title !== "") {
    memory.titled = true;
    change.title = title;
    change.replaces = memory.placeholder;
  } else if (memory.placeholder === null && attachments.length > 0) {
    memory.placeholder = placeholderOf(attachments);
    change.title = memory.placeholder;
  }
}

function applyUsage(change: ConversationChange, event: Extract<ChatEvent, { costUsd: number }>): void {
  change.costUsd += event.costUsd;
  change.inputTokens += event.usage.inputTokens;
  change.outputTokens += event.usage.outputTokens;
  change.cacheReadTokens += event.usage.cacheReadTokens;
  change.cacheWriteTokens += event.usage.cacheWriteTokens;
}

function applyEvent(change: ConversationChange, memory: ConversationMemory, event: ChatEvent): void {
  switch (event.kind) {
    case "user-message":
      memory.prompter = event.by;
      change.archivedAt = null;
      applyTitle(change, memory, event);
      return;
    case "turn-started":
      change.state = "working";
      return;
    case "permission-asked":
      memory.pending.add(event.requestId);
      change.state = "waiting";
      return;
    case "permission-answered":
      memory.pending.delete(event.requestId);
      change.state = memory.pending.size > 0 ? "waiting" : "working";
      return;
    case "turn-ended":
    case "turn-failed":
      memory.pending.clear();
      change.state = "idle";
      applyUsage(change, event);
      return;
    case "configured": {
      change.model = event.model;
      change.permissionMode = event.permissionMode;
      const steering = Steering.safeParse(event).data;
      if (steering !== undefined) change.steering = steering;
      return;
    }
    default:
      return;
  }
}

/**
 * Folds entries of one conversation, in order of seq, into one change of its row. Updates the memory, and calls
 * `visit` with each entry when the memory stands as that entry left it.
 */
export function foldEntries(
  entries: readonly JournalEntry[],
  memory: ConversationMemory,
  visit: (entry: JournalEntry) => void,
): ConversationChange {
  const change: ConversationChange = {
    lastSeq: 0,
    lastActiveAt: new Date(0),
    costUsd: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
  for (const entry of entries) {
    change.lastSeq = entry.seq;
    change.lastActiveAt = new Date(entry.at);
    applyEvent(change, memory, entry.event);
    visit(entry);
  }
  return change;
}

export function emptyMemory(): ConversationMemory {
  return { titled: false, placeholder: null, pending: new Set(), prompter: null };
}
