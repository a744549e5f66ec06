/**
 * A script: what the model answers to one prompt, request by request. After a tool_result the next step is
 * played; when no step is left, the last words are a short text. In every string, `{{workspace}}` stands for the
 * asker's working directory, `{{prompt}}` for the text of its prompt, and `{{planFile}}`, in plan mode, for the file of
 * the plan.
 */
export interface Script {
  readonly steps: readonly Step[];
}

/** The answer to one request. Exactly one of `content` and `error` is there. */
export interface Step {
  readonly content?: readonly Piece[];
  readonly error?: ErrorAnswer;
  /** Answer this many requests alike before going on. Default 1. */
  readonly times?: number;
  readonly usage?: Usage;
  readonly stopReason?: string;
  /** Do not begin to answer before this gate is open. */
  readonly waitFor?: string;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly type?: string;
  readonly message?: string;
  /** Seconds, for the `retry-after` header. */
  readonly retryAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

/** How a text is cut: into pieces of `chunkSize` characters, or exactly so. A chunk `{{gate:name}}` waits at a gate. */
interface Chunked {
  readonly chunks?: readonly string[];
  readonly chunkSize?: number;
  /** The whole text this many times over. */
  readonly repeat?: number;
  /** Milliseconds between two chunks. 0: as fast as the socket takes them. */
  readonly everyMs?: number;
}

export type Piece =
  | ({ readonly type: "text"; readonly text?: string } & Chunked)
  | ({ readonly type: "thinking"; readonly text?: string } & Chunked)
  | ({
      readonly type: "tool_use";
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly id?: string;
    } & Omit<Chunked, "repeat" | "chunks">)
  /** A finished block of any kind, such as the ones a web search leaves. */
  | { readonly type: "block"; readonly block: Readonly<Record<string, unknown>> }
  /** Streams nothing more until somebody opens the gate. */
  | { readonly type: "wait"; readonly for: string }
  /** Streams nothing more, for ever (or until the gate opens). */
  | { readonly type: "stall"; readonly for?: string }
  /** Cuts the connection. */
  | { readonly type: "cut" }
  /** An error event in the middle of the stream. */
  | { readonly type: "error"; readonly errorType?: string; readonly message?: string };

const pieceTypes = new Set(["text", "thinking", "tool_use", "block", "wait", "stall", "cut", "error"]);

/** Checks a script's shape; throws a sentence that names the place. */
export function parseScript(value: unknown, name: string): Script {
  const script = value as Partial<Script> | null;
  if (typeof script !== "object" || script === null || !Array.isArray(script.steps)) {
    throw new Error(`script ${name}: "steps" must be a list`);
  }
  for (const [index, step] of (script.steps as Step[]).entries()) {
    const where = `script ${name}, step ${index + 1}`;
    if ((step.content === undefined) === (step.error === undefined)) {
      throw new Error(`${where}: needs either "content" or "error"`);
    }
    if (step.error !== undefined && !Number.isInteger(step.error.status)) {
      throw new Error(`${where}: an error needs a "status"`);
    }
    for (const piece of step.content ?? []) {
      if (!pieceTypes.has(piece.type)) throw new Error(`${where}: no such piece: ${String(piece.type)}`);
      if (piece.type === "tool_use" && (typeof piece.name !== "string" || typeof piece.input !== "object")) {
        throw new Error(`${where}: a tool_use needs "name" and "input"`);
      }
    }
  }
  return script as Script;
}

/** Puts the asker's values into every string of a step. */
export function fillIn<T>(value: T, values: Readonly<Record<string, string>>): T {
  if (typeof value === "string") {
    return value.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole) as T;
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, values)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, values)])) as T;
}
