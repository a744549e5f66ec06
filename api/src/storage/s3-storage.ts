import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline as pipe, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AppError } from "@remote-claude/protocol";
import type { ArtifactsConfig } from "../config.ts";
import { assertSha256, measure, verify } from "./checksum.ts";
import { assertKey } from "./key.ts";
import type { Storage, StoredObject } from "./storage.ts";

type S3Config = Extract<ArtifactsConfig, { kind: "s3" }>;

const statusOf = (error: unknown) =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const isMissing = (error: unknown) => {
  const { name } = error as { name?: string };
  return name === "NoSuchKey" || name === "NotFound" || statusOf(error) === 404;
};

/** A bucket that was made without it, and a server that knows nothing of it. */
const hasNoLock = (error: unknown) =>
  (error as Error).name !== "NoSuchBucket" && [400, 404, 405, 501].includes(statusOf(error) ?? 0);

interface Described {
  ContentLength?: number | undefined;
  ContentType?: string | undefined;
  LastModified?: Date | undefined;
  Metadata?: Record<string, string> | undefined;
}

function describe(key: string, found: Described): StoredObject {
  return {
    key,
    sizeBytes: found.ContentLength ?? 0,
    sha256: found.Metadata?.sha256 ?? "",
    contentType: found.ContentType ?? "application/octet-stream",
    storedAt: found.LastModified ?? new Date(0),
  };
}

/** A bucket with object lock keeps every version of an object, also of one that was deleted: a day, or as long as locked. */
const dropOldVersions = {
  LifecycleConfiguration: {
    Rules: [
      {
        ID: "drop-old-versions",
        Status: "Enabled" as const,
        Filter: { Prefix: "" },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ],
  },
};

/** Keeps objects in a bucket of any S3-compatible server; the SHA-256 travels as the object's metadata. */
export function s3Storage(config: S3Config): Storage {
  const Bucket = config.bucket;
  const client = new S3Client({
    region: config.region,
    forcePathStyle: config.forcePathStyle,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(config.credentials === undefined ? {} : { credentials: config.credentials }),
    // We keep a SHA-256 of our own; servers other than AWS's do not all take the newer trailing checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });

  let locking: Promise<boolean> | null = null;

  async function* keysBelow(prefix: string): AsyncGenerator<string> {
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefix, ...(ContinuationToken && { ContinuationToken }) }),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async function makeBucket(locks: boolean): Promise<void> {
    try {
      await client.send(
        new CreateBucketCommand({ Bucket, ...(locks && { ObjectLockEnabledForBucket: true }) }),
      );
    } catch (error) {
      // Another api was first.
      if ((error as Error).name !== "BucketAlreadyOwnedByYou") throw error;
      return;
    }
    if (locks) await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, ...dropOldVersions }));
  }

  /** Without object lock the server would refuse each object that is to be locked. What it is made with stays so. */
  async function canLock(): Promise<boolean> {
    locking ??= client.send(new GetObjectLockConfigurationCommand({ Bucket })).then(
      ({ ObjectLockConfiguration }) => ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
      (error) => {
        if (hasNoLock(error)) return false;
        locking = null;
        // Whoever may not ask finds out by locking.
        if (statusOf(error) === 403) return true;
        throw error;
      },
    );
    return locking;
  }

  async function assertLocks(): Promise<void> {
    locking = null;
    if (!(await canLock()))
      throw new Error(`the bucket ${Bucket} was made without object lock, which AUDIT_LOCK_DAYS needs`);
  }

  return {
    async prepare({ locks = false } = {}) {
      try {
        await client.send(new HeadBucketCommand({ Bucket }));
      } catch (error) {
        if (!isMissing(error)) throw error;
        await makeBucket(locks);
      }
      if (locks) await assertLocks();
    },

    /** By a file of its own first: size and checksum must be right before anything appears in the bucket. */
    async put(key, body, options) {
      assertKey(key);
      const directory = await mkdtemp(join(tmpdir(), "remote-claude-artifact-"));
      const file = join(directory, "content");
      try {
        const { stream, measured } = measure(options.maxBytes);
        await pipeline(body, stream, createWriteStream(file, { mode: 0o600 }));
        assertSha256(measured, options.sha256);
        // Better a copy that can be removed than none; what could not be had was said at the start.
        const retainUntil = options.retainUntil && (await canLock()) ? options.retainUntil : null;
        await client.send(
          new PutObjectCommand({
            Bucket,
            Key: key,
            Body: createReadStream(file),
            ContentLength: measured.sizeBytes,
            ContentType: options.contentType,
            Metadata: { sha256: measured.sha256 },
            ...(retainUntil !== null && {
              ObjectLockMode: "COMPLIANCE",
              ObjectLockRetainUntilDate: retainUntil,
              // S3 takes a locked object with a checksum alone.
              ChecksumSHA256: Buffer.from(measured.sha256, "hex").toString("base64"),
            }),
          }),
        );
        return { key, ...measured, contentType: options.contentType, storedAt: new Date() };
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },

    async get(key) {
      assertKey(key);
      try {
        const found = await client.send(new GetObjectCommand({ Bucket, Key: key }));
        const object = describe(key, found);
        return { object, body: pipe(found.Body as Readable, verify(object), () => {}) };
      } catch (error) {
        if (isMissing(error)) throw new AppError("not_found", "There is no such artifact.");
        throw error;
      }
    },

    async *list(prefix) {
      for await (const key of keysBelow(prefix)) {
        yield describe(key, await client.send(new HeadObjectCommand({ Bucket, Key: key })));
      }
    },

    keys: keysBelow,

    async delete(key) {
      assertKey(key);
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    },

    async check() {
      await client.send(new HeadBucketCommand({ Bucket }));
    },
  };
}
