import type { Logger } from "pino";
import { redisReplicas } from "./redis-replicas.ts";
import { onlyReplica, type Replicas } from "./replicas.ts";

/** What this api has to do with the others: by Redis, or, without one, nothing, because it is the only one. */
export function createReplicas(redisUrl: string | null, log: Logger): Replicas {
  return redisUrl === null ? onlyReplica : redisReplicas(redisUrl, log);
}

export type { Broadcaster } from "./broadcaster.ts";
export { onlyReplica, type Replicas } from "./replicas.ts";
