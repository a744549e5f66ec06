import { AppError, errorTable } from "@remote-claude/protocol";

/** A sentence to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : "Something went wrong. Try again.";
}

/** Whether the same request may succeed later. */
export function isRetryable(error: unknown): boolean {
  return error instanceof AppError && errorTable[error.code].retryable;
}

/** For a part of the page that is fetched when it is wanted, and did not come. */
export const notLoaded = "That could not be loaded. Check your connection.";
