import { stripVTControlCharacters } from "node:util";

/** What people see while things are made ready: one line a step, with its time. */

const interactive = Boolean(process.stdout.isTTY) && !process.env.CI && process.env.TERM !== "dumb";
const bold = (text) => (process.stderr.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

/** "0.4 s", "34 s", "2 min 5 s". */
export function formatDuration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Runs `work` under a line "● Installing packages … 34 s". On a terminal the time runs; in a log the line is
 * written when the step begins and again when it ends, so that a slow step is not silence.
 */
export async function step(title, work) {
  const startedAt = performance.now();
  const line = () => `● ${title} … ${formatDuration(performance.now() - startedAt)}`;
  let ticker;
  if (interactive) {
    process.stdout.write(line());
    ticker = setInterval(() => process.stdout.write(`\r${line()}`), 250);
  } else {
    console.log(`● ${title} …`);
  }
  try {
    const result = await work();
    clearInterval(ticker);
    process.stdout.write(interactive ? `\r\x1b[K${line()}\n` : `${line()}\n`);
    return result;
  } catch (error) {
    clearInterval(ticker);
    if (interactive) process.stdout.write("\n");
    throw error;
  }
}

/** A failure that people can do something about: said without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message what happened
   * @param {{ hint?: string, output?: string }} [details] what to do, and what the failed program said
   */
  constructor(message, { hint, output } = {}) {
    super(message);
    this.name = "Failure";
    this.hint = hint;
    this.output = output;
  }
}

/** The last lines of a program's output, without colour. */
export function lastLines(output, count = 25) {
  const lines = stripVTControlCharacters(output).trimEnd().split(/\r?\n/);
  return lines.slice(-count).join("\n");
}

/** Says what went wrong and what to do, then ends the process with status 1. */
export function endWith(error) {
  if (error instanceof Failure) {
    console.error(`\n${bold(`✖ ${error.message}`)}`);
    if (error.output) console.error(`\n${lastLines(error.output).replace(/^/gm, "  │ ")}`);
    if (error.hint) console.error(`\n  ${error.hint.replace(/\n/g, "\n  ")}`);
    console.error("");
  } else {
    console.error(error);
  }
  process.exit(1);
}
