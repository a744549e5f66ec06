import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Gates } from "./gates.ts";
import type { ModelRequest } from "./model-request.ts";
import type { ErrorAnswer, Piece, Step, Usage } from "./script.ts";

const errorTypes: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

let lastNumber = 0;
/** Ids in the shape of the real ones. */
const newId = (prefix: string) =>
  `${prefix}_${Date.now().toString(36)}${(++lastNumber).toString(36).padStart(6, "0")}`;

export function answerError(response: ServerResponse, error: ErrorAnswer): void {
  response.writeHead(error.status, {
    "content-type": "application/json",
    "request-id": newId("req"),
    ...(error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) }),
    ...error.headers,
  });
  const type = error.type ?? errorTypes[error.status] ?? "api_error";
  response.end(
    JSON.stringify({ type: "error", error: { type, message: error.message ?? `scripted ${type}` } }),
  );
}

const usageOf = (usage: Usage | undefined, outputTokens: number) => ({
  input_tokens: usage?.inputTokens ?? 10,
  cache_creation_input_tokens: usage?.cacheWriteTokens ?? 0,
  cache_read_input_tokens: usage?.cacheReadTokens ?? 0,
  output_tokens: outputTokens,
});

function chunksOf(piece: Extract<Piece, { type: "text" | "thinking" | "tool_use" }>): string[] {
  const text = piece.type === "tool_use" ? JSON.stringify(piece.input) : (piece.text ?? "");
  const exact = piece.type === "tool_use" ? undefined : piece.chunks;
  const size = piece.chunkSize ?? 12;
  const once = exact ?? (text.match(new RegExp(`[\\s\\S]{1,${size}}`, "gu")) as string[] | null) ?? [];
  const times = piece.type === "tool_use" ? 1 : (piece.repeat ?? 1);
  return times === 1 ? [...once] : Array.from({ length: times }, () => once).flat();
}

const starts = {
  text: () => ({ type: "text", text: "" }),
  thinking: () => ({ type: "thinking", thinking: "", signature: "" }),
  tool_use: (piece: Piece) => ({
    type: "tool_use",
    id: (piece as { id?: string }).id ?? newId("toolu"),
    name: (piece as { name: string }).name,
    input: {},
  }),
};

const deltas = {
  text: (text: string) => ({ type: "text_delta", text }),
  thinking: (thinking: string) => ({ type: "thinking_delta", thinking }),
  tool_use: (partial_json: string) => ({ type: "input_json_delta", partial_json }),
};

/** Streams one step as server-sent events. */
export class Streaming {
  readonly #response: ServerResponse;
  readonly #gates: Gates;
  readonly #gone: AbortSignal;
  #block = 0;

  constructor(response: ServerResponse, gates: Gates, gone: AbortSignal) {
    this.#response = response;
    this.#gates = gates;
    this.#gone = gone;
  }

  async play(step: Step, request: ModelRequest): Promise<void> {
    const content = step.content ?? [];
    this.#response.writeHead(200, { "content-type": "text/event-stream", "request-id": newId("req") });
    await this.#send({
      type: "message_start",
      message: {
        id: newId("msg"),
        type: "message",
        role: "assistant",
        model: request.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: usageOf(step.usage, 1),
      },
    });
    for (const piece of content) {
      if (!(await this.#piece(piece)) || this.#gone.aborted) return;
    }
    const usesTools = content.some(({ type }) => type === "tool_use");
    const stop_reason = step.stopReason ?? (usesTools ? "tool_use" : "end_turn");
    await this.#send({
      type: "message_delta",
      delta: { stop_reason, stop_sequence: null },
      usage: usageOf(step.usage, step.usage?.outputTokens ?? 20),
    });
    await this.#send({ type: "message_stop" });
    this.#response.end();
  }

  /** Plays one piece; false when the stream ends with it. */
  async #piece(piece: Piece): Promise<boolean> {
    switch (piece.type) {
      case "text":
      case "thinking":
      case "tool_use":
        await this.#chunked(piece);
        return true;
      case "block":
        await this.#send({ type: "content_block_start", index: this.#block, content_block: piece.block });
        await this.#send({ type: "content_block_stop", index: this.#block++ });
        return true;
      case "wait":
        return this.#gates.pass(piece.for, this.#gone);
      case "stall":
        return this.#gates.pass(piece.for ?? "never", this.#gone);
      case "cut":
        // What was written must arrive before the connection breaks.
        await new Promise((resolve) => this.#response.write(": cut\n\n", resolve));
        this.#response.destroy();
        return false;
      case "error": {
        const error = {
          type: piece.errorType ?? "overloaded_error",
          message: piece.message ?? "scripted error",
        };
        await this.#send({ type: "error", error });
        this.#response.end();
        return false;
      }
    }
  }

  async #chunked(piece: Extract<Piece, { type: "text" | "thinking" | "tool_use" }>): Promise<void> {
    const index = this.#block++;
    await this.#send({ type: "content_block_start", index, content_block: starts[piece.type](piece) });
    const startedAt = Date.now();
    for (const [number, chunk] of chunksOf(piece).entries()) {
      if (this.#gone.aborted) return;
      // A chunk that is only {{gate:name}} is a gate inside the text.
      const gate = /^\{\{gate:([\w-]+)\}\}$/.exec(chunk)?.[1];
      if (gate !== undefined) {
        if (!(await this.#gates.pass(gate, this.#gone))) return;
        continue;
      }
      const due = startedAt + number * (piece.everyMs ?? 0) - Date.now();
      if (due > 0) await delay(due);
      await this.#send({ type: "content_block_delta", index, delta: deltas[piece.type](chunk) });
    }
    if (piece.type === "thinking") {
      const delta = { type: "signature_delta", signature: "scripted" };
      await this.#send({ type: "content_block_delta", index, delta });
    }
    await this.#send({ type: "content_block_stop", index });
  }

  /** Writes an event, and waits when the reader is slower. */
  async #send(event: { type: string } & Record<string, unknown>): Promise<void> {
    if (this.#response.destroyed) return;
    const text = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    if (this.#response.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#gone.removeEventListener("abort", done);
        this.#response.off("drain", done);
        resolve();
      };
      this.#response.once("drain", done);
      this.#gone.addEventListener("abort", done, { once: true });
    });
  }
}

/** The same step for a request that did not ask for a stream. */
export function answerWhole(response: ServerResponse, step: Step, request: ModelRequest): void {
  const content = (step.content ?? []).flatMap((piece): Record<string, unknown>[] => {
    if (piece.type === "text") return [{ type: "text", text: chunksOf(piece).join("") }];
    if (piece.type === "tool_use") return [{ ...starts.tool_use(piece), input: piece.input }];
    return piece.type === "block" ? [piece.block] : [];
  });
  const usesTools = content.some(({ type }) => type === "tool_use");
  response.writeHead(200, { "content-type": "application/json", "request-id": newId("req") });
  response.end(
    JSON.stringify({
      id: newId("msg"),
      type: "message",
      role: "assistant",
      model: request.model,
      content,
      stop_reason: step.stopReason ?? (usesTools ? "tool_use" : "end_turn"),
      stop_sequence: null,
      usage: usageOf(step.usage, step.usage?.outputTokens ?? 20),
    }),
  );
}
