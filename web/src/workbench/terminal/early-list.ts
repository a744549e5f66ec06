import type { Terminal } from "@remote-claude/protocol";
import { live } from "../../lib/live.ts";
import { sessionWatches } from "../../lib/session-watch.ts";

interface Early {
  /** The session's epoch in which this was asked. */
  readonly epoch: number;
  readonly answer: Promise<readonly Terminal[]>;
}

const asked = new Set<string>();
const answers = new Map<string, Early>();

/**
 * Asks which terminals there are in the moment an agent can be reached, while the panel is still on its way; once
 * for each session, since later the panel asks itself. What happens to a terminal meanwhile voids the answer.
 */
export function askTerminalsEarly(sessionId: string): void {
  if (asked.has(sessionId)) return;
  asked.add(sessionId);
  const watch = sessionWatches.store(sessionId);
  const ask = () => {
    const { agent, epoch } = watch.getState();
    if (agent === null || answers.has(sessionId)) return;
    const answer = live
      .command("terminal.list", sessionId, {}, { offline: "fail" })
      .then(({ terminals }) => terminals);
    // Whoever takes it says what went wrong.
    answer.catch(() => undefined);
    answers.set(sessionId, { epoch, answer });
    end();
    const forget = () => answers.delete(sessionId);
    live.on("terminal.changed", sessionId, forget);
    live.on("terminal.closed", sessionId, forget);
  };
  const end = watch.subscribe(ask);
  ask();
}

/** The early answer, if it was given in this epoch and still holds; for one reader. */
export function takeEarlyTerminals(sessionId: string, epoch: number): Promise<readonly Terminal[]> | null {
  const early = answers.get(sessionId);
  answers.delete(sessionId);
  return early?.epoch === epoch ? early.answer : null;
}
