import { AppError } from "@remote-claude/protocol";

const segment = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]+";
const keyPattern = new RegExp(`^${segment}(?:/${segment})*$`);

/** Keys are relative paths that mean the same everywhere; anything else is a bug of the caller. */
export function assertKey(key: string): void {
  if (key.length > 900 || !keyPattern.test(key)) throw new AppError("internal", "not a storage key");
}
