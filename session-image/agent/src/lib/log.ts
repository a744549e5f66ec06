import { writeSync } from "node:fs";

const levels = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
};
export type LogLevel = keyof typeof levels;

interface Write {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
}
export type Logger = Readonly<Record<Exclude<LogLevel, "silent">, Write>>;

/**
 * Lines of JSON as the services' pino writes them: loading that one would take a tenth of an agent's start. `base` is
 * in every line; `write` is a test's.
 */
export function createLog(
  least: LogLevel,
  base: Readonly<Record<string, unknown>> = {},
  write: (line: string) => void = writeLine,
): Logger {
  const writer =
    (name: LogLevel): Write =>
    (first: string | Readonly<Record<string, unknown>>, second?: string) => {
      if (levels[name] < levels[least]) return;
      const [fields, msg] = typeof first === "string" ? [{}, first] : [first, second];
      const head = { level: levels[name], time: Date.now(), ...base };
      write(`${lineOf({ ...head, ...fields, msg }) ?? lineOf({ ...head, msg })}\n`);
    };
  return {
    trace: writer("trace"),
    debug: writer("debug"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
    fatal: writer("fatal"),
  };
}

/** null: JSON cannot hold it, as with a circle. */
function lineOf(entry: Readonly<Record<string, unknown>>): string | null {
  try {
    return JSON.stringify(entry, readable);
  } catch {
    return null;
  }
}

/** An Error has nothing that JSON would show, and a bigint makes it fail. */
function readable(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, type: name, message, stack, ...(cause === undefined ? {} : { cause }) };
}

/** At once, so that the last words before an exit are kept; a log that cannot be written is no reason to end. */
function writeLine(line: string): void {
  try {
    writeSync(1, line);
  } catch {
    // The disk is full, or nobody reads.
  }
}
