import type { ArtifactsConfig } from "../config.ts";
import { directoryStorage } from "./directory-storage.ts";
import type { Storage } from "./storage.ts";

/** The artifact storage that the configuration names. The S3 client weighs 30 MB: it is loaded where it is used. */
export function createStorage(config: ArtifactsConfig): Storage {
  if (config.kind === "directory") return directoryStorage(config.directory);
  return lazily(() => import("./s3-storage.ts").then(({ s3Storage }) => s3Storage(config)));
}

function lazily(load: () => Promise<Storage>): Storage {
  let loading: Promise<Storage> | null = null;
  const storage = () => {
    loading ??= load();
    return loading;
  };
  return {
    prepare: async (options) => (await storage()).prepare(options),
    put: async (...args) => (await storage()).put(...args),
    get: async (...args) => (await storage()).get(...args),
    async *list(prefix) {
      yield* (await storage()).list(prefix);
    },
    async *keys(prefix) {
      yield* (await storage()).keys(prefix);
    },
    delete: async (...args) => (await storage()).delete(...args),
    check: async () => (await storage()).check(),
  };
}

export type { PutOptions, Storage, StoredObject } from "./storage.ts";
