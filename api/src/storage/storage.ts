import type { Readable } from "node:stream";

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** SHA-256 of the content, in hex. */
  readonly sha256: string;
  readonly contentType: string;
  readonly storedAt: Date;
}

export interface PutOptions {
  readonly contentType: string;
  /** Refuses with `too_large` beyond it; nothing is kept then. */
  readonly maxBytes?: number;
  /** Refuses with `bad_request` when the content has another SHA-256 (hex); nothing is kept then. */
  readonly sha256?: string;
  /**
   * Nobody may replace or remove it before, where the store can hold it so (S3's object lock). A directory cannot, nor
   * a bucket that was made without it: it is stored there all the same.
   */
  readonly retainUntil?: Date;
}

/**
 * Where artifacts live: a directory, or an S3-compatible server. Keys are relative paths of [A-Za-z0-9._-]
 * segments. Content is streamed, never held whole, and its SHA-256 is taken on the way in and checked on the
 * way out.
 */
export interface Storage {
  /**
   * Makes the bucket when it is not there; with `locks`, one that can hold objects until a day (S3's object lock), and
   * throws when the one that is there cannot. Several may do so at once.
   */
  prepare(options?: { readonly locks?: boolean }): Promise<void>;
  /** Stores the stream under the key, replacing what was there only when it is complete. */
  put(key: string, body: Readable, options: PutOptions): Promise<StoredObject>;
  /** `not_found` when there is none. The body errors when what is stored no longer has its checksum. */
  get(key: string): Promise<{ object: StoredObject; body: Readable }>;
  /** Every object whose key begins with the prefix, in order of key. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** The keys alone, in the same order: a request for each thousand instead of one for each. */
  keys(prefix: string): AsyncIterable<string>;
  /** Removes the object; none there is no error. */
  delete(key: string): Promise<void>;
  /** Resolves when the storage answers, throws otherwise: for /api/ready. */
  check(): Promise<void>;
}
