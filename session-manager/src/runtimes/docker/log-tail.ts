import type Docker from "dockerode";
import { summarizeLog } from "../local/agent-log.ts";

const headerBytes = 8;

/** The text of a log as the engine sends it: frames of a header (stream, length) and what was printed. */
export function demultiplex(log: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + headerBytes <= log.length; ) {
    const length = log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + headerBytes, at + headerBytes + length));
    at += headerBytes + length;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The last that a container's agent said, as one line to show to people; empty when it cannot be told. */
export async function readLogTail(container: Docker.Container): Promise<string> {
  try {
    const log = await container.logs({ stdout: true, stderr: true, tail: 5 });
    return summarizeLog(demultiplex(log));
  } catch {
    return "";
  }
}
