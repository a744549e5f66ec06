import type { Live } from "./client.ts";

/** Reads one terminal by byte offset through any number of broken connections, and notices what is lost or doubled. */
export class TerminalReader {
  readonly faults: string[] = [];
  private readonly live: Live;
  private readonly sessionId: string;
  private readonly terminalId: string;
  private chunks: Buffer[] = [];
  private acknowledged = 0;
  offset = 0;

  constructor(live: Live, sessionId: string, terminalId: string) {
    this.live = live;
    this.sessionId = sessionId;
    this.terminalId = terminalId;
    live.on("terminal.output", ({ terminalId: id, offset, data }) => {
      if (id === terminalId) this.take(offset, Buffer.from(data));
    });
  }

  /** Attaches from where it stands, again and again until the agent can be reached. */
  async attach(): Promise<void> {
    for (;;) {
      try {
        const { terminalId, sessionId } = this;
        const reply = await this.live.command("terminal.attach", sessionId, {
          terminalId,
          after: this.offset,
        });
        if (reply.snapshot !== null) this.faults.push(`a gap of ${reply.gap} bytes at ${this.offset}`);
        return;
      } catch (error) {
        if (
          !["agent_unreachable", "unavailable"].includes((error as { code?: string }).code ?? "unavailable")
        )
          throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  private take(offset: number, data: Buffer): void {
    // What was on its way when the reader attached again may come twice, cut elsewhere; a hole may not.
    if (offset > this.offset) this.faults.push(`${offset - this.offset} bytes missing at ${this.offset}`);
    const news = data.subarray(this.offset - offset);
    if (offset > this.offset || news.length === 0) return;
    this.chunks.push(news);
    this.offset += news.length;
    if (this.offset - this.acknowledged < 64 * 1024) return;
    this.acknowledged = this.offset;
    const { terminalId } = this;
    this.live
      .command("terminal.acknowledge", this.sessionId, { terminalId, offset: this.offset })
      .catch(() => {});
  }

  get text(): string {
    const whole = Buffer.concat(this.chunks);
    this.chunks = [whole];
    return whole.toString("utf8");
  }

  /** Waits until so many bytes were read. */
  async untilOffset(offset: number, withinMs = 90_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (this.offset < offset) {
      if (Date.now() > deadline) throw new Error(`stands at ${this.offset} of ${offset} bytes`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async until(pattern: RegExp, withinMs = 90_000): Promise<string> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { text } = this;
      if (pattern.test(text)) return text;
      if (Date.now() > deadline)
        throw new Error(`no ${pattern} in ${text.length} characters: …${text.slice(-300)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
