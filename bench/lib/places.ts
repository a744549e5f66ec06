import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Product } from "../../e2e/testing/product.ts";
import { allProcesses, commandOf, environmentOf } from "./memory.ts";

/** The process of a product's one running session's agent. */
export function agentOf(product: Product): number {
  for (const pid of allProcesses()) {
    if (!/^\S*node \S*agent\.js$/.test(commandOf(pid))) continue;
    const place = environmentOf(pid).REMOTE_CLAUDE_PLACE ?? "none";
    if (existsSync(join(product.dataDir, "places", place))) return pid;
  }
  throw new Error("no agent runs");
}
