import {
  AppError,
  type Payload,
  type RecordedTerminal,
  type RecordingMode,
  type Reply,
  type Terminal as TerminalInfo,
} from "@remote-claude/protocol";
import type { AgentContext } from "../context.ts";
import { FlowControl } from "./flow-control.ts";
import { Foreground } from "./foreground.ts";
import { asksForSecret, InputGate } from "./input-gate.ts";
import type { OutputQueue } from "./output-queue.ts";
import { Reader } from "./reader.ts";
import { type KnownMode, Recording } from "./recording.ts";
import { Ring } from "./ring.ts";
import { Screen } from "./screen.ts";
import { ShellProcess } from "./shell-process.ts";

const ringBytes = 4 * 1024 * 1024;
/** A program that does not read its input may not make the agent hold more than this. */
const maxPendingInputBytes = 4 * 1024 * 1024;
const maxWriters = 64;

export interface TerminalOptions {
  readonly file: string;
  readonly args: string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  readonly title: string;
  readonly id?: string | undefined;
  readonly recorded: KnownMode;
  /** Renamed, resized or exited. */
  onChange(terminal: TerminalInfo): void;
}

/** A shell that outlives its readers, and its output by byte offset. */
export class Terminal {
  readonly id: string;
  readonly #ring = new Ring(ringBytes);
  readonly #screen: Screen;
  readonly #process: ShellProcess;
  readonly #flow: FlowControl;
  readonly #recording: Recording;
  readonly #input: InputGate;
  readonly #firstSize: { cols: number; rows: number };
  readonly #foreground = new Foreground();
  readonly #readers = new Set<Reader>();
  /** The last input of each writer, least recent first. */
  readonly #writers = new Map<string, number>();
  readonly #createdAt = new Date().toISOString();
  readonly #onChange: TerminalOptions["onChange"];
  #title: string;
  #cols: number;
  #rows: number;
  #exitCode: number | null = null;

  constructor(options: TerminalOptions) {
    this.id = options.id ?? crypto.randomUUID();
    this.#title = options.title;
    this.#firstSize = { cols: options.cols, rows: options.rows };
    this.#recording = new Recording(this.#ring, options.recorded);
    this.#cols = options.cols;
    this.#rows = options.rows;
    this.#onChange = options.onChange;
    this.#screen = new Screen(this.#ring, options.cols, options.rows);
    this.#process = new ShellProcess({
      ...options,
      onData: (data) => this.#output(data),
      onExit: (exitCode) => this.#exited(exitCode),
    });
    this.#flow = new FlowControl(this.#process);
    this.#input = new InputGate({
      recorded: () => this.#recording.mode === "output-and-input",
      isSecret: () => asksForSecret(this.#process.tty),
      record: (input) => this.#recording.typed(input),
      write: (data) => this.#process.write(data),
    });
  }

  get info(): TerminalInfo {
    const { mode: recorded } = this.#recording;
    return {
      terminalId: this.id,
      title: this.#title,
      cols: this.#cols,
      rows: this.#rows,
      createdAt: this.#createdAt,
      endOffset: this.#ring.end,
      exitCode: this.#exitCode,
      ...(recorded !== null && { recorded }),
    };
  }

  /** For the one that records: as it was when it was opened. */
  get toRecord(): RecordedTerminal | null {
    if (this.#recording.done) return null;
    return { terminalId: this.id, title: this.#title, createdAt: this.#createdAt, ...this.#firstSize };
  }

  record(mode: RecordingMode): void {
    if (mode === this.#recording.mode) return;
    this.#recording.mode = mode;
    this.#recordingChanged();
  }

  stopRecording(): void {
    this.#recording.stop();
    this.#recordingChanged();
  }

  async readRecording(
    request: Omit<Payload<"recording.read">, "terminalId">,
  ): Promise<Reply<"recording.read">> {
    const reply = this.#recording.read(request);
    this.#updateFlow();
    return reply;
  }

  #recordingChanged(): void {
    this.#updateFlow();
    this.#onChange(this.info);
  }

  /** Whether a program other than the shell did something since this was last asked. */
  wasBusy(): boolean {
    return this.#exitCode === null && this.#foreground.wasBusy(this.#process.pid, this.#ring.end);
  }

  /** The reader is silent until the caller's answer is out, then goes on where that answer says. */
  async attach(
    after: number,
    { client, connection }: AgentContext,
    queue: OutputQueue,
  ): Promise<Reply<"terminal.attach">> {
    this.detach(client, connection);
    const whole = after >= this.#ring.start && after <= this.#ring.end;
    const offset = whole ? after : this.#ring.end;
    const options = { client, connection, terminalId: this.id, ring: this.#ring, queue, offset };
    const reader = new Reader(options);
    this.#readers.add(reader);
    const snapshot = whole
      ? null
      : await this.#flow.whileStill(
          () => this.#screen.snapshot(offset),
          () => this.#updateFlow(),
        );
    this.#updateFlow();
    // The answer is sent in a microtask of this one.
    setImmediate(() => reader.start());
    return { terminal: this.info, offset, gap: Math.max(0, offset - after), snapshot };
  }

  detach(client: string, connection: AgentContext["connection"]): void {
    this.#drop((reader) => reader.client === client && reader.connection === connection);
  }

  detachConnection(connection: AgentContext["connection"]): void {
    this.#drop((reader) => reader.connection === connection);
  }

  acknowledge(offset: number, { client, connection }: AgentContext): void {
    for (const reader of this.#readers)
      if (reader.client === client && reader.connection === connection) reader.acknowledge(offset);
    this.#updateFlow();
  }

  /** Never waits for output. What this writer has sent before is dropped. */
  input({ writer, sequence, data }: Payload<"terminal.input">): void {
    if (this.#exitCode !== null) throw new AppError("conflict", "the shell has ended");
    const last = this.#writers.get(writer) ?? 0;
    if (sequence <= last) return;
    if (this.#process.pendingInputBytes + this.#input.waitingBytes + data.length > maxPendingInputBytes)
      throw new AppError("rate_limited", "the program in the terminal does not read its input");
    this.#writers.delete(writer);
    this.#writers.set(writer, sequence);
    if (this.#writers.size > maxWriters) {
      const [oldest] = this.#writers.keys();
      if (oldest !== undefined) this.#writers.delete(oldest);
    }
    this.#input.write(data);
  }

  resize(cols: number, rows: number): void {
    if (cols === this.#cols && rows === this.#rows) return;
    this.#process.resize(cols, rows);
    this.#screen.resize(cols, rows);
    this.#recording.resized(cols, rows);
    this.#cols = cols;
    this.#rows = rows;
    this.#onChange(this.info);
  }

  rename(title: string): void {
    this.#title = title;
    this.#onChange(this.info);
  }

  close(): void {
    this.#release();
    this.#process.close();
  }

  /** For the end of the agent: nothing that was started here lives on. */
  kill(): void {
    this.#release();
    if (this.#exitCode === null) this.#process.kill();
  }

  #release(): void {
    for (const reader of this.#readers) reader.stop();
    this.#readers.clear();
    this.#flow.dispose();
    this.#screen.dispose();
    this.#recording.end();
  }

  #output(data: Buffer): void {
    this.#screen.beforeAppend(data.length, ringBytes);
    this.#recording.beforeAppend();
    this.#ring.append(data);
    this.#recording.appended();
    for (const reader of this.#readers) {
      if (reader.overrun) this.#overrun(reader);
      else reader.outputArrived();
    }
    this.#updateFlow();
  }

  #overrun(reader: Reader): void {
    reader.stop();
    this.#readers.delete(reader);
    reader.connection.send("terminal.overrun", { terminalId: this.id }, reader.client);
  }

  #exited(exitCode: number): void {
    this.#exitCode = exitCode;
    this.#flow.dispose();
    this.#recording.end();
    this.#onChange(this.info);
  }

  #drop(which: (reader: Reader) => boolean): void {
    for (const reader of [...this.#readers]) {
      if (!which(reader)) continue;
      reader.stop();
      this.#readers.delete(reader);
    }
    this.#updateFlow();
  }

  #updateFlow(): void {
    this.#flow.update(this.#ring.end, this.#readers, this.#recording.recorded);
  }
}
