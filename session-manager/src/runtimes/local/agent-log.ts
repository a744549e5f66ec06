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

const tailBytes = 2000;
const tailLines = 5;

/** The last lines of it, as one line of printable text. */
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
    const lines = buffer.toString("utf8").split("\n").map(toPrintable);
    return lines.filter(Boolean).slice(-tailLines).join(" · ");
  } finally {
    closeSync(descriptor);
  }
}

const toPrintable = (line: string) => line.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, " ").trim();
