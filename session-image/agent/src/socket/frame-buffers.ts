import type { EventFrame } from "@remote-claude/protocol";

/** A terminal's largest frame, and some room for what is said of it. */
const pooledBytes = 68 * 1024;
const maxPooled = 16;

type FrameWithBytes = EventFrame & { payload: { data: Uint8Array } };

export function carriesBytes(frame: object): frame is FrameWithBytes {
  const payload = "payload" in frame ? (frame.payload as { data?: unknown } | null | undefined) : undefined;
  return payload?.data instanceof Uint8Array;
}

/**
 * Encodes frames with bytes as `encodeFrame` of the protocol does, into buffers that are used again: a flood would
 * otherwise keep the garbage collector as busy as everything else together.
 */
export class FrameBuffers {
  readonly #free: Buffer[] = [];

  /** Call `done` when the bytes have left. */
  encode(frame: FrameWithBytes): { bytes: Buffer; done(): void } {
    const { data, ...rest } = frame.payload;
    const header = JSON.stringify({ ...frame, payload: rest });
    const headerBytes = Buffer.byteLength(header);
    const size = 4 + headerBytes + data.length;
    const buffer =
      size > pooledBytes
        ? Buffer.allocUnsafe(size)
        : (this.#free.pop() ?? Buffer.allocUnsafeSlow(pooledBytes));
    buffer.writeUInt32BE(headerBytes, 0);
    buffer.write(header, 4);
    buffer.set(data, 4 + headerBytes);
    return { bytes: buffer.subarray(0, size), done: () => this.#giveBack(buffer) };
  }

  #giveBack(buffer: Buffer): void {
    if (buffer.length === pooledBytes && this.#free.length < maxPooled) this.#free.push(buffer);
  }
}
