import type { Transaction } from "@remote-claude/prisma";
import { fromPrisma, PgBoss } from "pg-boss";
import type { Logger } from "pino";

const queueName = "tasks";
/** pg-boss refuses jobs that may run for longer than a day. */
const longestSeconds = 24 * 3600 - 1;
/** Tasks count their attempts themselves; here every restart of the api counts, of which there may be many. */
const retryLimit = 100_000;
/** A worker that has not been heard of for so long is gone, and its job goes to another. */
const heartbeatSeconds = 10;
/**
 * Postgres tells the workers of a new task. Looking without being told is for one that is tried again; each of them
 * does, and twice a second they kept the api and Postgres as busy as a person typing.
 */
const lookSeconds = 3;
const settings = { retryLimit, retryDelay: 1, heartbeatSeconds, notify: true };
/** How often a queue that has failed is tried. */
const probeMs = 2000;

export interface TaskQueue {
  /** Enqueues in the transaction that makes the row: both are there or neither. */
  enqueue(transaction: Transaction, taskId: string, timeoutMs: number): Promise<void>;
  /** Takes a task that has not begun out of the queue. */
  remove(taskId: string): Promise<void>;
  /** Calls `perform` for each task, some at once. What it throws puts the task back; `stopping` aborts at the end. */
  work(perform: (taskId: string, stopping: AbortSignal) => Promise<void>): Promise<void>;
  start(): Promise<void>;
  /**
   * Puts back what is in work, all of it: for an api that is the only one, when it starts. What the last one had, had it
   * been killed, would be missed by its heartbeat much later. An attempt that still runs somewhere finds itself
   * superseded and writes nothing.
   */
  takeOver(): Promise<void>;
  stop(): Promise<void>;
}

/** The queue of background tasks: pg-boss in Postgres, so that no second system can disagree with the rows. */
export function taskQueue(databaseUrl: string, log: Logger, concurrency = 20): TaskQueue {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    // The schema belongs to the owner's role, which the migration runner alone uses.
    migrate: false,
    createSchema: false,
    schedule: false,
    reindex: false,
    useListenNotify: true,
    max: 3,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    application_name: "remote-claude-tasks",
  });
  const outage = watchOutage(boss, log);
  return {
    async enqueue(transaction, taskId, timeoutMs) {
      await boss.send(
        queueName,
        { taskId },
        {
          id: taskId,
          retryLimit,
          db: fromPrisma(transaction),
          // Beyond the task's own timeout: that one ends it in words, this one only guards against a stuck worker.
          expireInSeconds: Math.min(Math.ceil(timeoutMs / 1000) + 600, longestSeconds),
        },
      );
    },
    async remove(taskId) {
      await boss.cancel(queueName, taskId);
    },
    async work(perform) {
      const options = {
        localConcurrency: concurrency,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: lookSeconds,
      };
      await boss.work<{ taskId: string }>(queueName, options, async (jobs) => {
        for (const job of jobs) await perform(job.data.taskId, job.signal);
      });
    },
    async start() {
      await boss.start();
      await boss.createQueue(queueName, settings);
      // An older version may have made it with others.
      await boss.updateQueue(queueName, settings);
    },
    async takeOver() {
      const sql = `select id from pgboss.job where name = $1 and state = 'active'`;
      const { rows } = (await boss.getDb().executeSql(sql, [queueName])) as { rows: { id: string }[] };
      const ids = rows.map(({ id }) => id);
      if (ids.length > 0) await boss.fail(queueName, ids, { message: "its api has ended" });
    },
    async stop() {
      // Tasks under way are followed again by whoever comes next; nothing need be waited for.
      outage.end();
      await boss.stop({ graceful: false });
    },
  };
}

/** Says once that the queue has no database, however often pg-boss does, and once that it has it again. */
function watchOutage(boss: PgBoss, log: Logger): { end(): void } {
  let probe: NodeJS.Timeout | undefined;
  const end = () => {
    clearInterval(probe);
    probe = undefined;
  };
  const look = async () => {
    await boss.getDb().executeSql("select 1", []);
    if (probe !== undefined) log.info("the task queue works again");
    end();
  };
  boss.on("error", (error) => {
    if (probe !== undefined) return;
    log.warn({ err: error }, "the task queue has stopped; trying again");
    // Rejected while the database is away: the next look decides.
    probe = setInterval(() => void look().catch(() => {}), probeMs);
  });
  return { end };
}
