import { ConfigError } from "@remote-claude/service/settings";

/** What the library says may quote the value: ours says what is wanted. */
export function attempt<T>(complaint: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw new ConfigError(complaint);
  }
}
