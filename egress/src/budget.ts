import type { EgressStore, Occupant } from "./store.ts";

export type BudgetVerdict =
  | { readonly within: true }
  | {
      readonly within: false;
      readonly reason: "spent" | "unknown";
      /** When a new month begins. */
      readonly resetsAt: Date;
      readonly budgetUsd: number;
    };

/** What people may still spend. */
export interface Budgets {
  /** Refuses when the month's budget is spent, or when that cannot be known. */
  checkBudget(occupant: Occupant): Promise<BudgetVerdict>;
  /** Counts what is on its way to the database. */
  spent(userId: string, usd: number): void;
}

interface Account {
  readonly month: number;
  spentUsd: number;
  loadedAt: number;
  /** Spent since the load began; the load may or may not have seen it. */
  sinceUsd: number;
  loading: Promise<void> | null;
}

/** A sum from the database serves this long; meanwhile what passes through here is added to it. */
const freshMs = 15_000;

export function createBudgets(store: EgressStore, now: () => number = Date.now): Budgets {
  const accounts = new Map<string, Account>();

  const load = (userId: string, account: Account): Promise<void> => {
    account.loading ??= (async () => {
      const before = account.sinceUsd;
      try {
        account.spentUsd = await store.spentSince(userId, new Date(account.month));
        account.loadedAt = now();
        // What came before this load and was not yet written is counted again by the next one.
        account.sinceUsd -= before;
      } finally {
        account.loading = null;
      }
    })();
    return account.loading;
  };

  const accountOf = (userId: string): Account => {
    const month = monthOf(now());
    const known = accounts.get(userId);
    if (known?.month === month) return known;
    const account = { month, spentUsd: 0, loadedAt: Number.NEGATIVE_INFINITY, sinceUsd: 0, loading: null };
    accounts.set(userId, account);
    return account;
  };

  return {
    async checkBudget({ userId, monthlyBudgetUsd: budgetUsd }) {
      if (budgetUsd === null) return { within: true };
      const account = accountOf(userId);
      const resetsAt = nextMonthOf(account.month);
      if (now() - account.loadedAt > freshMs) {
        const loaded = load(userId, account).catch(() => undefined);
        // The first sum is waited for; later ones arrive behind the requests.
        if (account.loadedAt === Number.NEGATIVE_INFINITY) await loaded;
      }
      if (account.loadedAt === Number.NEGATIVE_INFINITY) {
        return { within: false, reason: "unknown", resetsAt, budgetUsd };
      }
      if (account.spentUsd + account.sinceUsd < budgetUsd) return { within: true };
      return { within: false, reason: "spent", resetsAt, budgetUsd };
    },
    spent(userId, usd) {
      const account = accounts.get(userId);
      if (account !== undefined) account.sinceUsd += usd;
    },
  };
}

function monthOf(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function nextMonthOf(month: number): Date {
  const date = new Date(month);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1));
}
