import {
  closeSync,
  copyFileSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What an agent prints, and nothing else. One older piece is kept beside it. */
const maxBytes = 4 * 1024 * 1024;

export const agentLogPath = (placeDirectory: string) => join(placeDirectory, "agent.log");

/** Opens the log for a new agent, at its end: the descriptor may outlive session-manager. */
export function openAgentLog(placeDirectory: string): number {
  const path = agentLogPath(placeDirectory);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/** Cuts a log that has grown too long. The agent appends, so that it goes on at the new end. */
export function capAgentLog(placeDirectory: string): void {
  const path = agentLogPath(placeDirectory);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= maxBytes) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}

const tailBytes = 16_384;
const tailLines = 5;
const maxTailCharacters = 600;

/** The agent's own log entries; whatever else is printed stands as it is. */
const LogEntry = z.object({ msg: z.string(), err: z.object({ message: z.string() }).optional() });

function toSentence(line: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return line;
  }
  const entry = LogEntry.safeParse(parsed);
  if (!entry.success) return line;
  const { msg, err } = entry.data;
  return err === undefined ? msg : `${msg}: ${err.message}`;
}

/** The last lines of it, as one line of printable text to show to people: no stacks, no paths of ours. */
export function readAgentLogTail(placeDirectory: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(agentLogPath(placeDirectory), "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return summarizeLog(buffer.toString("utf8"));
  } finally {
    closeSync(descriptor);
  }
}

/** The last lines of an agent's output, as one line to show. */
export function summarizeLog(text: string): string {
  const lines = text.split("\n").map((line) => toPrintable(toSentence(line)));
  return lines.filter(Boolean).slice(-tailLines).join(" · ").slice(-maxTailCharacters);
}

const toPrintable = (line: string) => line.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, " ").trim();
