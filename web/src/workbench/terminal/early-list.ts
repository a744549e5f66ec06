import type { Terminal } from "@remote-claude/protocol";
import { live } from "../../lib/live.ts";
import { sessionWatches } from "../../lib/session-watch.ts";

const asked = new Set<string>();
const answers = new Map<string, Promise<readonly Terminal[]>>();

/** The epoch that begins when the first watch is answered: what is asked with it belongs to that. */
const firstEpoch = 1;

/**
 * Asks which terminals there are together with the first watch of a session, and does not wait for that one's answer;
 * once for each session, since later the panel asks itself. Call it when the watch has begun: the server takes both
 * in their order. What happens to a terminal meanwhile voids the answer.
 */
export function askTerminalsEarly(sessionId: string): void {
  if (asked.has(sessionId)) return;
  asked.add(sessionId);
  let end: (() => void) | null = null;
  const ask = () => {
    end?.();
    if (sessionWatches.store(sessionId).getState().epoch > 0 || answers.has(sessionId)) return;
    const answer = live
      .command("terminal.list", sessionId, {}, { offline: "fail" })
      .then(({ terminals }) => terminals);
    // No agent can be reached yet, as a rule: then nobody asks for this one, and the panel asks when there is one.
    answer.catch(() => answers.delete(sessionId));
    answers.set(sessionId, answer);
    const forget = () => answers.delete(sessionId);
    live.on("terminal.changed", sessionId, forget);
    live.on("terminal.closed", sessionId, forget);
  };
  end = live.onConnected(ask);
}

/** The early answer, if it was given in this epoch and still holds; for one reader. */
export function takeEarlyTerminals(sessionId: string, epoch: number): Promise<readonly Terminal[]> | null {
  const early = answers.get(sessionId);
  answers.delete(sessionId);
  return epoch === firstEpoch && early !== undefined ? early : null;
}
