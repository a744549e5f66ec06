import { type Query, query, type SDKUserMessage } from "@anthropic-ai/claude-agent-sdk";

/** The Agent SDK alone, on the model itself: one process, prompts pushed into its stream. */
export class BareClaude {
  readonly #query: Query;
  readonly #waiting: SDKUserMessage[] = [];
  #wake: () => void = () => undefined;
  #onDelta: () => void = () => undefined;
  #onResult: () => void = () => undefined;
  #ended = false;

  constructor({ binary, modelUrl, home }: { binary: string; modelUrl: string; home: string }) {
    this.#query = query({
      prompt: this.#prompts(),
      options: {
        pathToClaudeCodeExecutable: binary,
        cwd: home,
        env: {
          PATH: process.env.PATH ?? "",
          HOME: home,
          ANTHROPIC_BASE_URL: modelUrl,
          ANTHROPIC_API_KEY: "sk-ant-bench",
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        },
        includePartialMessages: true,
        settingSources: ["user", "project", "local"],
        systemPrompt: { type: "preset", preset: "claude_code" },
      },
    });
    void this.#listen();
  }

  /** Milliseconds from the prompt to the first piece of text; waits for the turn's end. */
  async turn(): Promise<number> {
    const first = new Promise<void>((resolve) => {
      this.#onDelta = resolve;
    });
    const ended = new Promise<void>((resolve) => {
      this.#onResult = resolve;
    });
    const startedAt = performance.now();
    this.#waiting.push({
      type: "user",
      message: { role: "user", content: "Say hello." },
      parent_tool_use_id: null,
    });
    this.#wake();
    await first;
    const firstAt = performance.now() - startedAt;
    await ended;
    return firstAt;
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#wake();
    this.#query.close();
  }

  async #listen(): Promise<void> {
    try {
      for await (const message of this.#query) {
        if (message.type === "stream_event" && message.event.type === "content_block_delta") this.#onDelta();
        if (message.type === "result") this.#onResult();
      }
    } catch (error) {
      if (!this.#ended) throw error;
    }
  }

  async *#prompts(): AsyncGenerator<SDKUserMessage> {
    while (!this.#ended) {
      const message = this.#waiting.shift();
      if (message !== undefined) yield message;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
