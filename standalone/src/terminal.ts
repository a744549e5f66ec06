import { z } from "zod";

/** What the person at the terminal sees of the running product. */
export interface Terminal {
  say(line: string): void;
  /** Something went wrong in a service that goes on. */
  warn(service: string, message: string): void;
}

/** One sentence is not repeated within this time, however often a service logs it. */
const silentMs = 30_000;

export function createTerminal(now: () => number = Date.now, write = writeLine): Terminal {
  const lastSaid = new Map<string, number>();
  return {
    say: write,
    warn(service, message) {
      const text = `${service}: ${message}`;
      if (now() - (lastSaid.get(text) ?? -silentMs) < silentMs) return;
      if (lastSaid.size > 1000) lastSaid.clear();
      lastSaid.set(text, now());
      write(`▲ ${new Date(now()).toTimeString().slice(0, 8)} ${text}`);
    },
  };
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Pino's, by name. */
const levels: Record<string, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };
const LogLine = z.object({
  level: z.union([z.number(), z.string().transform((name) => levels[name] ?? 30)]),
  msg: z.string().default(""),
  err: z.object({ message: z.string() }).optional(),
});
const warnLevel = 40;

/** The warning in a line of a service's JSON log, or null. */
export function warningIn(line: string): string | null {
  if (!line.startsWith("{")) return null;
  try {
    const { level, msg, err } = LogLine.parse(JSON.parse(line));
    if (level < warnLevel) return null;
    return err === undefined || err.message === msg ? msg : `${msg} (${err.message.split("\n")[0]})`;
  } catch {
    return null;
  }
}

/** A log line for people: the sentence of a JSON line with its time, other lines as they are. */
export function readableLine(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const { msg, err } = LogLine.parse(JSON.parse(line));
    return err === undefined ? msg : `${msg}: ${err.message}`;
  } catch {
    return line;
  }
}
