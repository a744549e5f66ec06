import type { ArtifactsConfig } from "../config.ts";
import { directoryStorage } from "./directory-storage.ts";
import { s3Storage } from "./s3-storage.ts";
import type { Storage } from "./storage.ts";

/** The artifact storage that the configuration names. */
export function createStorage(config: ArtifactsConfig): Storage {
  return config.kind === "s3" ? s3Storage(config) : directoryStorage(config.directory);
}

export type { PutOptions, Storage, StoredObject } from "./storage.ts";
