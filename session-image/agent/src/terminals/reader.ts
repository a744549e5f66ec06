import { isAscii } from "node:buffer";
import { maxOutputTextLength, type OutputData } from "@remote-claude/protocol";
import type { Connection } from "../context.ts";
import type { OutputQueue } from "./output-queue.ts";
import type { Ring } from "./ring.ts";

/** Sent but not acknowledged: what a client that stops reading can cost the api and the way to it. */
const windowBytes = 1024 * 1024;
/** So many frames go out at once before they are gathered: a keystroke's echo is one or two. */
const immediateFrames = 4;
const gatherMs = 2;
/** Gathered enough: waiting longer would only cost throughput. */
const gatheredBytes = 64 * 1024;

/** One client's place in a terminal's output. */
export class Reader {
  readonly client: string;
  readonly connection: Connection;
  readonly #terminalId: string;
  readonly #ring: Ring;
  readonly #queue: OutputQueue;
  #sent: number;
  #acknowledged: number;
  /** Held until the answer to `terminal.attach` is out. */
  #started = false;
  #stopped = false;
  #credit = immediateFrames;
  #burstBeganAt = 0;
  #gathering: NodeJS.Timeout | null = null;

  constructor(options: {
    client: string;
    connection: Connection;
    terminalId: string;
    ring: Ring;
    queue: OutputQueue;
    offset: number;
  }) {
    this.client = options.client;
    this.connection = options.connection;
    this.#terminalId = options.terminalId;
    this.#ring = options.ring;
    this.#queue = options.queue;
    this.#sent = options.offset;
    this.#acknowledged = options.offset;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The ring no longer holds what comes next: the reader is lost. */
  get overrun(): boolean {
    return this.#sent < this.#ring.start;
  }

  get sendableBytes(): number {
    return Math.min(this.#ring.end, this.#acknowledged + windowBytes) - this.#sent;
  }

  start(): void {
    this.#started = true;
    this.outputArrived();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#queue.remove(this);
  }

  /**
   * Who attaches again in a flood still gets, and acknowledges, what was on its way from the reader before this
   * one. Sent once more it would fill the window with bytes that nobody acknowledges a second time.
   */
  acknowledge(offset: number): void {
    const known = Math.min(offset, this.#ring.end);
    this.#acknowledged = Math.max(known, this.#acknowledged);
    this.#sent = Math.max(known, this.#sent);
    if (this.sendableBytes > 0) this.outputArrived();
  }

  /** Sends at once, unless a burst is being gathered that is not worth a frame yet. */
  outputArrived(): void {
    if (!this.#started || this.#stopped) return;
    const bytes = this.sendableBytes;
    if (bytes <= 0) return;
    if (this.#gathering === null || bytes >= gatheredBytes) this.#queue.offer(this);
  }

  /** Called by the queue when it is this reader's turn; true while more is to be sent now. */
  sendSome(limit: number): boolean {
    if (this.#stopped || this.overrun) return false;
    const length = Math.min(this.sendableBytes, limit);
    if (length <= 0) return false;
    const offset = this.#sent;
    // Encoded, and so copied, before anything is appended to the ring.
    const bytes = this.#ring.view(offset, length);
    this.#sent += bytes.length;
    const payload = { terminalId: this.#terminalId, offset, data: outputData(bytes) };
    this.connection.send("terminal.output", payload, this.client);
    this.#gatherWhatFollows();
    // A remainder waits for company only while a timer is sure to fetch it.
    return this.sendableBytes >= (this.#gathering === null ? 1 : gatheredBytes);
  }

  #gatherWhatFollows(): void {
    const now = performance.now();
    if (now - this.#burstBeganAt > gatherMs) {
      this.#burstBeganAt = now;
      this.#credit = immediateFrames;
    }
    this.#credit -= 1;
    if (this.#credit <= 0) this.#gathering ??= setTimeout(() => this.#gathered(), gatherMs);
  }

  #gathered(): void {
    this.#gathering = null;
    if (this.#stopped || this.sendableBytes <= 0) return;
    // Still bursting: what follows this frame is gathered again.
    this.#burstBeganAt = performance.now();
    this.#credit = 1;
    this.#queue.offer(this);
  }
}

function outputData(bytes: Buffer): OutputData {
  return bytes.length <= maxOutputTextLength && isAscii(bytes) ? bytes.toString("latin1") : bytes;
}
