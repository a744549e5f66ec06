import { AppError } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { askEgress } from "./public-config.ts";

const checkMs = 3000;
type Check = "ok" | "failed";

/** Without these nothing works; without the others much still does. */
const vital = ["database", "manager"];

/** Asks everything the api depends on. Throws `unavailable`, naming what failed, when something vital did. */
export async function readiness(
  context: Context,
): Promise<{ status: "ok" | "degraded"; checks: Record<string, Check> }> {
  const asked: Record<string, Promise<unknown>> = {
    database: context.db.$queryRaw`select 1`,
    manager: context.manager.check(),
    storage: context.storage.check(),
    egress: askEgress(context),
  };
  const results = await Promise.all(
    Object.entries(asked).map(async ([name, answer]) => [name, await outcome(answer)] as const),
  );
  const checks: Record<string, Check> = Object.fromEntries(results);
  const failed = results.filter(([, result]) => result === "failed").map(([name]) => name);
  if (failed.some((name) => vital.includes(name))) {
    throw new AppError("unavailable", `Not ready: ${failed.join(", ")}.`, { details: { checks } });
  }
  return { status: failed.length === 0 ? "ok" : "degraded", checks };
}

function outcome(answer: Promise<unknown>): Promise<Check> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("failed"), checkMs);
    answer
      .then(
        () => resolve("ok"),
        () => resolve("failed"),
      )
      .finally(() => clearTimeout(timer));
  });
}
