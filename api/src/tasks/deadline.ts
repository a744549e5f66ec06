import { AppError } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import type { PreparedTask } from "./state.ts";

const watchMs = 1000;

/** The task's time is up. */
export class TimedOut extends AppError {
  constructor({ timeoutMs }: PreparedTask) {
    const minutes = Math.round(timeoutMs / 60_000);
    super("timeout", `Not done within ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`);
  }
}
/** Somebody cancelled the task. */
export class Cancelled extends Error {}
/** Another worker has the task by now. */
export class Superseded extends Error {}
/** This api ends; the next one goes on with the task. */
export class Stopping extends Error {}

/** A signal that aborts with one of the above. `end` it when the attempt is over. */
export function watchTask(
  { db, clock }: Context,
  task: PreparedTask,
  stopping: AbortSignal,
): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const leftMs = (task.startedAt ?? clock.now()).getTime() + task.timeoutMs - clock.now().getTime();
  const timer = setTimeout(() => controller.abort(new TimedOut(task)), Math.max(leftMs, 0));
  const watch = setInterval(() => {
    db.task
      .findUnique({ where: { id: task.id }, select: { state: true, attemptId: true } })
      .then((row) => {
        if (row === null || row.state === "cancelled") controller.abort(new Cancelled());
        else if (row.attemptId !== task.attemptId) controller.abort(new Superseded());
      })
      // The database is away: the next look decides.
      .catch(() => {});
  }, watchMs);
  const onStopping = () => controller.abort(new Stopping());
  stopping.addEventListener("abort", onStopping, { once: true });
  if (stopping.aborted) onStopping();
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      clearInterval(watch);
      stopping.removeEventListener("abort", onStopping);
    },
  };
}
