import { AppError } from "@remote-claude/protocol";

/** Whether something refused because what it would make is there already. */
export function isConflict(error: unknown): boolean {
  return error instanceof AppError && (error.code === "conflict" || error.code === "precondition_failed");
}
