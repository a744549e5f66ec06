import type { JournalEntry } from "@remote-claude/protocol";

const maxSeq = 2 ** 31 - 1;
const maxCostUsd = 1_000_000;
const maxTokens = 1e12;

/** Whether the columns have room for it. A session's agent may say anything; one such entry must not stop the rest. */
export function isPlausible({ seq, at, event }: JournalEntry): boolean {
  const year = new Date(at).getUTCFullYear();
  if (seq > maxSeq || !(year >= 2000 && year < 3000)) return false;
  if (event.kind !== "turn-ended" && event.kind !== "turn-failed") return true;
  return event.costUsd <= maxCostUsd && Object.values(event.usage).every((tokens) => tokens <= maxTokens);
}
