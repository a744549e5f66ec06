import { isIPv6 } from "node:net";
import type { Prisma } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { createMemoryRateLimiter, type Rate, type RateLimiter } from "../lib/rate-limit.ts";

const minute = 60_000;
/** Failed attempts of one address, whomever they try. */
const perAddress: Rate = { capacity: 30, windowMs: 10 * minute };
/** Failed attempts of one address on one account. */
const perPair: Rate = { capacity: 8, windowMs: 10 * minute };
/** Ways to a provider that one address begins, each of which is a row for some minutes: a whole office's morning. */
const perAddressBegun: Rate = { capacity: 300, windowMs: 10 * minute };
/** Failed attempts on one account from all addresses it was never signed in from. */
const perAccount: Rate = { capacity: 20, windowMs: 15 * minute };

/** Wrong codes after the right password, of one address for one account: six digits bear few guesses. */
const codesPerPair: Rate = { capacity: 5, windowMs: 10 * minute };
/** The same of all addresses from which the account was never signed in to. */
const codesPerAccount: Rate = { capacity: 10, windowMs: 60 * minute };

/**
 * The brake on guessing passwords. Only failures count, and everything comes back with time. The account's own
 * limit stops a guesser with many addresses; addresses from which the account has signed in are not under it, so
 * a stranger cannot lock its owner out.
 */
export interface SignInGuard {
  /** Takes an attempt, or throws `rate_limited`. Call `succeeded` when it was a good one. */
  attempt(context: Context, who: { email: string; address: string | null }): Promise<Attempt>;
  /** The same for a one-time link, which nobody can guess: what is limited is the record of trying. */
  attemptLink(address: string | null): Promise<Attempt>;
  /**
   * A code of the second factor, after the right password: who does not know that takes nothing from this limit, and so
   * cannot lock the owner out.
   */
  attemptCode(context: Context, who: { userId: string; address: string | null }): Promise<Attempt>;
  /** Somebody sets out to a provider: all count, since each is remembered whether they come back or not. */
  begin(address: string | null): Promise<void>;
  /**
   * The same as `attempt` for whom a directory found, apart from the address's own limit: a directory takes many
   * spellings for one name, and each would have tries of its own.
   */
  attemptEntry(
    context: Context,
    who: { provider: string; subject: string; address: string | null },
  ): Promise<Attempt>;
}

export interface Attempt {
  succeeded(): Promise<void>;
}

/** A refusal that is the first of its kind in a row: worth an audit row, where all of them would be a flood. */
export class TooManyAttempts extends AppError {
  readonly first: boolean;
  constructor(retryAfterSeconds: number, first: boolean) {
    super("rate_limited", `Too many attempts. Try again in ${retryAfterSeconds} seconds.`, {
      details: { retryAfterSeconds },
    });
    this.first = first;
  }
}

export function createSignInGuard(limiter: RateLimiter): SignInGuard {
  /** Takes one of each, or none and throws. */
  async function take(limits: readonly [string, Rate][]): Promise<Attempt> {
    const taken: [string, Rate][] = [];
    const giveBack = async () => {
      for (const [key, rate] of taken) await limiter.giveBack(key, rate);
    };
    for (const [key, rate] of limits) {
      const decision = await limiter.take(key, rate);
      if (!decision.ok) {
        await giveBack();
        throw new TooManyAttempts(decision.retryAfterSeconds, decision.first);
      }
      taken.push([key, rate]);
    }
    return { succeeded: giveBack };
  }
  return {
    attemptLink: (address) => take([[`link ${networkOf(address)}`, perAddress]]),
    async attemptCode(context, { userId, address }) {
      const limits: [string, Rate][] = [[`code ${networkOf(address)} ${userId}`, codesPerPair]];
      if (!(await signedInFrom(context, address, { id: userId }))) {
        limits.push([`code ${userId}`, codesPerAccount]);
      }
      return take(limits);
    },
    async begin(address) {
      await take([[`begin ${networkOf(address)}`, perAddressBegun]]);
    },
    async attemptEntry(context, { provider, subject, address }) {
      const name = `${provider} ${subject}`;
      const limits: [string, Rate][] = [[`pair ${networkOf(address)} ${name}`, perPair]];
      const identities = { some: { provider, subject } };
      if (!(await signedInFrom(context, address, { identities })))
        limits.push([`account ${name}`, perAccount]);
      return take(limits);
    },
    async attempt(context, { email, address }) {
      const network = networkOf(address);
      const limits: [string, Rate][] = [
        [`address ${network}`, perAddress],
        [`pair ${network} ${email}`, perPair],
      ];
      // Of a directory people type a short name: their address begins with it.
      const familiar = { OR: [{ email }, { email: { startsWith: `${email}@` } }] };
      if (!(await signedInFrom(context, address, familiar))) limits.push([`account ${email}`, perAccount]);
      return take(limits);
    },
  };
}

/** The guard of this api, which counts with all the others where there are some. */
export const signInGuardOf = perContext((context) =>
  createSignInGuard(context.replicas.shareLimits(createMemoryRateLimiter(context.clock))),
);

/** One customer has a whole /64 of IPv6: it counts as one address. */
function networkOf(address: string | null): string {
  if (address === null) return "unknown";
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  if (tail !== undefined) while (groups.length < 4) groups.push("0");
  return groups.slice(0, 4).join(":");
}

async function signedInFrom(
  { db }: Context,
  address: string | null,
  user: Prisma.UserWhereInput,
): Promise<boolean> {
  if (address === null) return false;
  const known = await db.signIn.findFirst({ where: { address, user }, select: { id: true } });
  return known !== null;
}
