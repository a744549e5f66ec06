import type { OutputData } from "@remote-claude/protocol";
import type { TestApi } from "./test-api.ts";

/** Reads a terminal as a browser does: in order, byte by byte, acknowledging, across connections. */
export class TerminalReader {
  readonly terminalId: string;
  readonly client: string;
  acknowledges = true;
  offset = 0;
  bytes: Buffer[] = [];
  overrun = false;
  /** Of the last attachment. */
  snapshot: string | null = null;
  gap = 0;
  #acknowledged = 0;
  #off: () => void = () => undefined;

  constructor(terminalId: string, client = "reader") {
    this.terminalId = terminalId;
    this.client = client;
  }

  async attach(api: TestApi, after = this.offset): Promise<void> {
    this.#off();
    let early: { offset: number; data: OutputData }[] | null = [];
    const offOutput = api.on("terminal.output", ({ terminalId, offset, data }, client) => {
      if (terminalId !== this.terminalId || client !== this.client) return;
      // It may come in the same read as the answer, before whoever waits for that is called.
      if (early !== null) early.push({ offset, data });
      else take(offset, data);
    });
    const take = (offset: number, data: OutputData) => {
      if (offset !== this.offset) throw new Error(`output at ${offset}, expected ${this.offset}`);
      this.bytes.push(Buffer.from(data));
      this.offset += data.length;
      if (this.acknowledges && this.offset - this.#acknowledged >= 128 * 1024) this.acknowledge(api);
    };
    const offOverrun = api.on("terminal.overrun", ({ terminalId }, client) => {
      if (terminalId === this.terminalId && client === this.client) this.overrun = true;
    });
    this.#off = () => {
      offOutput();
      offOverrun();
    };
    const { offset, gap, snapshot } = await api.ask(
      "terminal.attach",
      { terminalId: this.terminalId, after },
      this.client,
    );
    this.offset = offset;
    this.#acknowledged = offset;
    this.gap = gap;
    this.snapshot = snapshot;
    // What was on its way from the attachment before this one came before the answer: it is not the next byte.
    for (const output of early) if (output.offset === this.offset) take(output.offset, output.data);
    early = null;
  }

  detach(): void {
    this.#off();
  }

  get text(): string {
    if (this.bytes.length > 1) this.bytes = [Buffer.concat(this.bytes)];
    return this.bytes[0]?.toString("utf8") ?? "";
  }

  /** Tells that everything so far was read. */
  acknowledge(api: TestApi): void {
    this.#acknowledged = this.offset;
    api
      .ask("terminal.acknowledge", { terminalId: this.terminalId, offset: this.offset }, this.client)
      .catch(() => undefined);
  }
}
