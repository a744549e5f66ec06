import { AppError } from "@remote-claude/protocol";
import type { RawData, WebSocket } from "ws";

/**
 * Collects a WebSocket's messages from the moment it exists, so that none falls between two listeners: first the
 * handshake takes them one by one, then `pour` hands the rest, and all that follow, to their reader.
 */
export class Inbox {
  private readonly messages: { data: RawData; binary: boolean }[] = [];
  private reader: ((data: RawData, binary: boolean) => void) | null = null;
  private wake: (() => void) | null = null;
  private closed = false;

  constructor(socket: WebSocket) {
    socket.on("message", (data, binary) => {
      if (this.reader !== null) this.reader(data, binary);
      else this.messages.push({ data, binary });
      this.wake?.();
    });
    socket.on("close", () => {
      this.closed = true;
      this.wake?.();
    });
  }

  /** The next message; `agent_unreachable` when the socket closes or is silent for so long. */
  async next(withinMs: number): Promise<RawData> {
    if (this.messages.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = null;
    }
    const message = this.messages.shift();
    if (message !== undefined) return message.data;
    const what = this.closed ? "hung up" : "was silent";
    throw new AppError("agent_unreachable", `The session's agent ${what} during the handshake.`);
  }

  pour(reader: (data: RawData, binary: boolean) => void): void {
    for (const { data, binary } of this.messages.splice(0)) reader(data, binary);
    this.reader = reader;
  }
}
