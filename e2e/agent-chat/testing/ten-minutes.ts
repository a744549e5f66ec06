/**
 * Loaded before the agent: lets ten minutes pass at once for all timers and for the time of day of its process, when
 * the process is sent SIGUSR2. Says so on the standard output when all that came due has run.
 */
const tenMinutesMs = 600_000;
const real = { setTimeout, clearTimeout, now: Date.now };
let aheadMs = 0;

interface Due {
  readonly at: number;
  readonly run: () => void;
}
const timers = new Map<unknown, Due>();
const now = () => real.now() + aheadMs;

function setMovableTimeout(act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): NodeJS.Timeout {
  const run = () => {
    timers.delete(timer);
    act(...args);
  };
  const timer = real.setTimeout(run, ms);
  timers.set(timer, { at: now() + ms, run });
  return timer;
}

function clearMovableTimeout(timer: NodeJS.Timeout | string | number | undefined): void {
  timers.delete(timer);
  real.clearTimeout(timer);
}

Date.now = now;
Object.defineProperties(setMovableTimeout, Object.getOwnPropertyDescriptors(setTimeout));
globalThis.setTimeout = setMovableTimeout as unknown as typeof setTimeout;
globalThis.clearTimeout = clearMovableTimeout;

process.on("SIGUSR2", () => {
  aheadMs += tenMinutesMs;
  const due = [...timers].filter(([, { at }]) => at <= now()).sort(([, a], [, b]) => a.at - b.at);
  for (const [timer, { run }] of due) {
    if (!timers.has(timer)) continue;
    real.clearTimeout(timer as NodeJS.Timeout);
    run();
  }
  process.stdout.write(`{"ran":${due.length},"msg":"ten minutes later"}\n`);
});
