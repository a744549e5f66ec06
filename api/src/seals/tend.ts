import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { closeBatch } from "./close-batch.ts";
import { copyAgain, copyBatches } from "./copies.ts";
import { retireBatches } from "./retire.ts";

/** A row is sealed, and its copy stored, within twice this. */
const everyMs = 20_000;
const dayMs = 86_400_000;

/** Seals, copies and retires until the returned function is called, which waits for what is under way. */
export function keepSealing(context: Context): () => Promise<void> {
  let stopped = false;
  let failing = false;
  const measure = measures(context);
  const round = async () => {
    try {
      await sealOnce(context, () => stopped, measure);
      if (failing) context.log.info("the audit record is sealed again");
      failing = false;
    } catch (error) {
      if (!failing) context.log.error({ err: error }, "the audit record cannot be sealed; it is tried again");
      failing = true;
    }
  };
  let working: Promise<void> | null = Promise.all([restoreCopies(context), round()]).then(() => {});
  const timer = setInterval(() => {
    working ??= round();
    working.finally(() => {
      working = null;
    });
  }, everyMs);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await working;
  };
}

/** Once, at the start: after a restore is when copies are missing. */
async function restoreCopies(context: Context): Promise<void> {
  const { db, storage, log } = context;
  try {
    const made = await copyAgain({ db, storage }, retainUntil(context));
    if (made.length === 0) return;
    const numbers = made.map(String);
    log.warn({ seals: numbers.slice(0, 20), count: made.length }, "copies of the audit record were missing");
    await record(db, {
      action: "audit.copy-made-again",
      actor: { kind: "system" },
      target: `${made.length} seals`,
      details: { seals: numbers },
    });
  } catch (error) {
    log.warn({ err: error }, "copies of the audit record were not looked after");
  }
}

function retainUntil({ config, clock }: Context): Date | null {
  const { lockDays } = config.audit;
  return lockDays === 0 ? null : new Date(clock.now().getTime() + lockDays * dayMs);
}

interface Measures {
  sealed(rows: number): void;
  differing(seals: readonly bigint[]): void;
}

/** One round: everything that can be sealed by now, its copies, and what is old enough to go. */
async function sealOnce(context: Context, stopped: () => boolean, measure: Measures): Promise<void> {
  const { config, db, storage, clock, log } = context;
  while (!stopped()) {
    const rows = await closeBatch(db, config.audit.sealKeys, clock.now());
    if (rows === 0) break;
    measure.sealed(rows);
  }
  const { differing } = await copyBatches({ db, storage }, { retainUntil: retainUntil(context) });
  measure.differing(differing);
  for (const number of differing) {
    log.error({ seal: String(number) }, "the audit record is not what was sealed: verify it");
  }
  if (!stopped()) await retireBatches(context);
}

function measures({ metrics }: Context): Measures {
  const sealed = metrics.all.counter(
    "remote_claude_audit_sealed_rows_total",
    "Rows of the audit record that this api sealed.",
  );
  let broken = 0;
  metrics.all.gauge(
    "remote_claude_audit_broken_batches",
    "Sealed batches of the audit record that hold something else by now.",
    () => [[{}, broken]],
  );
  return {
    sealed: (rows) => sealed.add({}, rows),
    differing(seals) {
      broken = seals.length;
    },
  };
}
