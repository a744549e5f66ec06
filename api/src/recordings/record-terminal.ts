import { setTimeout as pause } from "node:timers/promises";
import { AppError, type RecordedTerminal } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import type { Lease } from "../recorder/index.ts";
import { type CastSource, castNote, castPart } from "./cast.ts";
import { ensureRecording, storePart } from "./store.ts";

/** Longer than the agent keeps a question without an answer. */
const readWithinMs = 40_000;
/** An agent gathers what is little; one that does not is not let flood us with it. */
const littleBytes = 64 * 1024;
const afterLittleMs = 200;

/** null: it was aborted first. Not a race with one promise for all: that would keep every answer until the end. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const end = () => resolve(null);
    signal.addEventListener("abort", end, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}

/**
 * Records one terminal from where its recording stands, until nothing follows, the recording is full, or `signal`
 * says that it is no longer ours. Each question to the agent says what is stored, so nothing that it forgets is lost.
 */
export async function recordTerminal(
  context: Context,
  sessionId: string,
  terminal: RecordedTerminal,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  const { terminalId } = terminal;
  const { maxBytes } = context.config.recordings;
  let recording = await ensureRecording(context, sessionId, terminal);
  while (!signal.aborted && recording.endedAt === null) {
    const source: CastSource = {
      startedAt: recording.startedAt.getTime(),
      lastAt: recording.lastAt.getTime(),
      toOffset: Number(recording.toOffset),
      toEvent: recording.toEvent,
      now: Date.now(),
    };
    const question = { terminalId, after: source.toOffset, afterEvent: source.toEvent };
    // An idle terminal answers after long: whoever ends this does not wait for it.
    const asked = context.agents.request(sessionId, "recording.read", question, { timeoutMs: readWithinMs });
    const read = await orAborted(asked, signal);
    if (read === null || signal.aborted) return;
    if (read.offset < source.toOffset && read.data.length > 0)
      throw new AppError("agent_unreachable", "The session's agent tells of output that it told before.");
    // Whoever switched it off ends the recording.
    if (read.state === "off") return;
    const ended = read.state === "ended";
    const part = castPart(source, read);
    const full = Number(recording.sizeBytes) + Buffer.byteLength(part.text) > maxBytes;
    const moved = part.toOffset > source.toOffset || part.toEvent > source.toEvent;
    if (full) {
      const at = part.lastAt ?? source.lastAt;
      const note = castNote(
        { ...source, lastAt: at },
        at,
        "the recording ends here: it is as long as it may be",
      );
      recording = await storePart(context, lease, recording, { ...part, text: part.text + note }, "limit");
    } else if (moved || ended) {
      recording = await storePart(context, lease, recording, part, ended ? "closed" : null);
    }
    if (read.data.length < littleBytes && recording.endedAt === null) await pause(afterLittleMs);
  }
  if (signal.aborted) return;
  // Closed: it may go. Full: nobody is to wait for us.
  await context.agents.request(sessionId, "recording.stop", { terminalId });
}
