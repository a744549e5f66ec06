import type { Connection } from "../context.ts";

/** Enough to keep the socket busy, little enough that a keystroke's echo does not wait behind it. */
const maxBufferedBytes = 128 * 1024;
/** Echoes and prompts: sent before any flood's next frame, and even while its last ones are leaving. */
const smallBytes = 8 * 1024;
const maxBufferedForSmall = 1024 * 1024;
const maxFrameDataBytes = 64 * 1024;

/** A reader, as the queue sees it. */
export interface Sender {
  readonly sendableBytes: number;
  /** Sends one frame of at most `limit` bytes; true while more is to be sent now. */
  sendSome(limit: number): boolean;
}

/**
 * What a connection's readers have to send, in the order in which it is best sent: small outputs first, floods
 * in turn, nothing while the socket is full.
 */
export class OutputQueue {
  readonly #connection: Connection;
  /** In the order of their turns. */
  readonly #ready = new Set<Sender>();

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onDrain(() => {
      if (this.#ready.size > 0) this.#pump();
    });
  }

  offer(reader: Sender): void {
    this.#ready.add(reader);
    this.#pump();
  }

  remove(reader: Sender): void {
    this.#ready.delete(reader);
  }

  #pump(): void {
    while (this.#ready.size > 0 && this.#connection.open) {
      const buffered = this.#connection.bufferedBytes;
      const reader = this.#next(buffered);
      if (reader === null) return;
      this.#ready.delete(reader);
      if (reader.sendSome(maxFrameDataBytes)) this.#ready.add(reader);
    }
  }

  #next(buffered: number): Sender | null {
    if (buffered > maxBufferedForSmall) return null;
    let first: Sender | null = null;
    for (const reader of this.#ready) {
      if (reader.sendableBytes <= smallBytes) return reader;
      first ??= reader;
    }
    return buffered > maxBufferedBytes ? null : first;
  }
}
