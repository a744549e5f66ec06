import type { Product } from "../../e2e/testing/product.ts";
import { allProcesses, commandOf, environmentOf } from "./memory.ts";

/** The process of a running session's agent. */
export async function agentOf(product: Product, sessionId: string): Promise<number> {
  const { id } = await (await product.database()).place.findUniqueOrThrow({ where: { sessionId } });
  for (const pid of allProcesses()) {
    if (!/^\S*node \S*agent\.js$/.test(commandOf(pid))) continue;
    if (environmentOf(pid).REMOTE_CLAUDE_PLACE === id) return pid;
  }
  throw new Error("its agent does not run");
}
