/**
 * The last bytes of a stream, addressed by their absolute offset. Memory grows with what is written, up to
 * `capacity`.
 */
export class Ring {
  readonly #capacity: number;
  #buffer: Buffer;
  #end = 0;
  #start = 0;

  constructor(capacity: number, initialBytes = 16 * 1024) {
    this.#capacity = capacity;
    this.#buffer = Buffer.allocUnsafe(Math.min(initialBytes, capacity));
  }

  /** Offset of the oldest byte that is still here. */
  get start(): number {
    return this.#start;
  }

  /** Offset that the next byte will have. */
  get end(): number {
    return this.#end;
  }

  append(data: Uint8Array): void {
    const end = this.#end + data.length;
    if (end - this.#start > this.#buffer.length) this.#grow(end - this.#start);
    const size = this.#buffer.length;
    // More than fits at once: only its tail will ever be read.
    const kept = data.length > size ? data.subarray(data.length - size) : data;
    const from = end - kept.length;
    const at = from % size;
    const first = Math.min(kept.length, size - at);
    this.#buffer.set(kept.subarray(0, first), at);
    this.#buffer.set(kept.subarray(first), 0);
    this.#end = end;
    this.#start = Math.max(this.#start, end - size);
  }

  /** A copy of up to `limit` bytes from `offset` on, which must lie between start and end. */
  read(offset: number, limit: number): Buffer {
    if (offset < this.#start || offset > this.#end) throw new RangeError("offset outside the ring");
    const length = Math.min(limit, this.#end - offset);
    const bytes = Buffer.allocUnsafe(length);
    const size = this.#buffer.length;
    const at = offset % size;
    const first = Math.min(length, size - at);
    this.#buffer.copy(bytes, 0, at, at + first);
    if (first < length) this.#buffer.copy(bytes, first, 0, length - first);
    return bytes;
  }

  /** Up to `limit` bytes from `offset` on, perhaps fewer: valid until the next append, not to be kept. */
  view(offset: number, limit: number): Buffer {
    if (offset < this.#start || offset > this.#end) throw new RangeError("offset outside the ring");
    const at = offset % this.#buffer.length;
    const length = Math.min(limit, this.#end - offset, this.#buffer.length - at);
    return this.#buffer.subarray(at, at + length);
  }

  #grow(needed: number): void {
    let size = this.#buffer.length;
    while (size < needed && size < this.#capacity) size *= 2;
    size = Math.min(size, this.#capacity);
    if (size === this.#buffer.length) return;
    const kept = this.read(this.#start, this.#end - this.#start);
    this.#buffer = Buffer.allocUnsafe(size);
    const at = this.#start % size;
    const first = Math.min(kept.length, size - at);
    this.#buffer.set(kept.subarray(0, first), at);
    this.#buffer.set(kept.subarray(first), 0);
  }
}
