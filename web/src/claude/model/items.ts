import type {
  Actor,
  ChatEventOf,
  PermissionDecision,
  PermissionMode,
  RuleScope,
  TokenUsage,
  TurnFailure,
} from "@remote-claude/protocol";
import type { Fields, ToolResult } from "./sdk.ts";

export type Attachments = ChatEventOf<"user-message">["attachments"];

/** What a person said. The last two are only known to this page. */
export interface PromptItem {
  readonly kind: "prompt";
  readonly key: string;
  readonly messageId: string;
  readonly text: string;
  readonly attachments: Attachments;
  readonly by: Actor | null;
  readonly at: string | null;
  readonly state: "done" | "sending" | "failed";
  readonly error: string | null;
}

export interface TextItem {
  readonly kind: "text";
  readonly key: string;
  readonly text: string;
  readonly streaming: boolean;
  /** Stopped in the middle. */
  readonly aborted: boolean;
}

export interface ThinkingItem {
  readonly kind: "thinking";
  readonly key: string;
  readonly text: string;
  readonly streaming: boolean;
  readonly durationMs: number | null;
}

/** A question for permission, with its answer once there is one. */
export interface PermissionQuestion {
  readonly requestId: string;
  readonly toolUseId: string;
  readonly toolName: string;
  readonly input: Fields;
  readonly title: string | null;
  readonly rules: readonly string[];
  /** Rules that would allow the like of it always; empty where it is asked each time. */
  readonly suggested: readonly string[];
  /** Why Claude Code asks. */
  readonly reason: string | null;
  /** Not to be allowed by a stray key. */
  readonly careful: boolean;
  readonly answer: {
    readonly decision: PermissionDecision | "withdrawn";
    readonly message: string | null;
    readonly by: Actor | null;
    /** A person has changed the tool's input. */
    readonly changed?: boolean;
    readonly at?: string | undefined;
    /** What was made of it for later, and where it is kept. */
    readonly rules?: readonly string[] | undefined;
    readonly scope?: RuleScope | undefined;
    /** Of a plan: how Claude went on. */
    readonly mode?: PermissionMode | undefined;
    readonly stop?: boolean | undefined;
  } | null;
}

/**
 * `writing`: its input still streams. `asking`: for permission. `stopped`: the turn ended before the tool did.
 */
export type ToolState = "writing" | "running" | "asking" | "done" | "failed" | "denied" | "stopped";

/** One call of a tool, from its first letter to its result. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** null while it is being written. */
  readonly input: Fields | null;
  /** The JSON so far, while it is being written. */
  readonly writing: string | null;
  readonly state: ToolState;
  readonly result: ToolResult | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly question: PermissionQuestion | null;
  /** What a subagent is doing right now, in Claude Code's words. */
  readonly progress: string | null;
  /** What a command has written so far, or the end of it, while it runs. */
  readonly output: string | null;
  /** What a subagent said and did. */
  readonly children: readonly TimelineItem[];
}

export interface ToolItem {
  readonly kind: "tool";
  readonly key: string;
  readonly call: ToolCall;
}

/** A run of small calls, shown as one line. */
export interface ToolGroupItem {
  readonly kind: "tool-group";
  readonly key: string;
  readonly calls: readonly ToolCall[];
}

/** Something that happened beside the talk. `detail` is shown on demand. */
export interface NoticeItem {
  readonly kind: "notice";
  readonly key: string;
  readonly icon: "compact" | "settings" | "info" | "task" | "warning" | "fork";
  readonly text: string;
  readonly detail: string | null;
}

export interface TurnEndItem {
  readonly kind: "turn-end";
  readonly key: string;
  readonly outcome: "completed" | "interrupted";
  readonly durationMs: number;
  readonly costUsd: number;
  readonly usage: TokenUsage;
}

export interface TurnFailureItem {
  readonly kind: "turn-failure";
  readonly key: string;
  readonly reason: TurnFailure;
  readonly message: string;
  readonly retryable: boolean;
  /** When the limit that was reached ends, where the provider says so. */
  readonly retryAt: string | null;
  /** What was asked, to ask it again. */
  readonly prompt: Pick<PromptItem, "text" | "attachments"> | null;
  readonly durationMs: number;
  readonly costUsd: number;
  readonly usage: TokenUsage;
}

/** The model's interface refused, and Claude Code tries again. Only while that is so. */
export interface RetryItem {
  readonly kind: "retry";
  readonly key: string;
  readonly attempt: number;
  readonly maxRetries: number;
  readonly delayMs: number;
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
}

/** Somebody went back to before a message: what was said since, which Claude does not know any more. */
export interface SetAsideItem {
  readonly kind: "set-aside";
  readonly key: string;
  readonly items: readonly TimelineItem[];
  readonly what: ChatEventOf<"rewound">["what"];
  /** The beginning of the message; null where it lies before the loaded entries. */
  readonly prompt: string | null;
  readonly files: readonly string[];
  readonly fileCount: number;
  /** Who did it, by name. */
  readonly by: string | null;
}

export type TimelineItem =
  | SetAsideItem
  | PromptItem
  | TextItem
  | ThinkingItem
  | ToolItem
  | ToolGroupItem
  | NoticeItem
  | TurnEndItem
  | TurnFailureItem
  | RetryItem;
