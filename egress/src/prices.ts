/**
 * List prices of the Claude API in US dollars per million tokens.
 *
 * Source: the pricing tiers and model catalogue that the pinned Claude Code (2.1.329, built 2026-11-19) carries and
 * computes its own costs by; they are those of https://platform.claude.com/docs/en/about-claude/pricing. A test runs
 * the same usage through both. Not in here: discounts of a contract, batches (which the gateway does not offer).
 */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Cache writes that live 5 minutes, and 1 hour. */
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
  /** For a prompt (cached parts included) above so many tokens. */
  readonly longPrompt?: Omit<Price, "longPrompt"> & { readonly aboveTokens: number };
}

/** Cache prices are multiples of the input price unless said. */
function tier(input: number, output: number, cacheRead = input / 10): Price {
  return { input, output, cacheWrite5m: input * 1.25, cacheWrite1h: input * 2, cacheRead };
}

const usdPerWebSearch = 0.01;
/** Requests that are pinned to the United States cost more. */
const usOnlyFactor = 1.1;

const sonnet2 = tier(2, 10);
const sonnet3 = tier(3, 15);
const opus5 = tier(5, 25);
const opus15 = tier(15, 75);

/** By catalogue id, newest of a family first: an unknown model is taken for the first of its family. */
const models: readonly (readonly [id: string, price: Price, fast?: Price])[] = [
  ["claude-fable-5-2", tier(8, 40, 0.2), tier(16, 80, 0.4)],
  ["claude-fable-5-1", tier(10, 50, 0.25)],
  ["claude-fable-5", tier(10, 50)],
  ["claude-mythos-5-2", tier(8, 40, 0.2), tier(16, 80, 0.4)],
  ["claude-mythos-5-1", tier(10, 50, 0.25)],
  ["claude-mythos-5", tier(10, 50)],
  ["claude-opus-5-5", tier(4, 20, 0.2), tier(8, 40, 0.4)],
  ["claude-opus-5", opus5, tier(10, 50)],
  ["claude-opus-4-8", opus5, tier(10, 50)],
  ["claude-opus-4-7", opus5, tier(30, 150)],
  ["claude-opus-4-6", opus5, tier(30, 150)],
  ["claude-opus-4-5", opus5],
  ["claude-opus-4-1", opus15],
  ["claude-opus-4-0", opus15],
  ["claude-opus-4", opus15],
  ["claude-3-opus", opus15],
  ["claude-sonnet-5-5", tier(2, 10, 0.1)],
  ["claude-sonnet-5", sonnet2],
  ["claude-sonnet-4-6", sonnet3],
  ["claude-sonnet-4-5", sonnet3],
  ["claude-sonnet-4-0", sonnet3],
  ["claude-sonnet-4", sonnet3],
  ["claude-3-7-sonnet", sonnet3],
  ["claude-3-5-sonnet", sonnet3],
  ["claude-haiku-5-5", { ...tier(0.1, 0.5), longPrompt: { ...tier(0.5, 2.5), aboveTokens: 100_000 } }],
  ["claude-haiku-4-5", tier(1, 5)],
  ["claude-3-5-haiku", tier(0.8, 4)],
];

const byLength = [...models].sort(([a], [b]) => b.length - a.length);
const families = ["fable", "mythos", "opus", "sonnet", "haiku"] as const;

/** Tokens of one request as its answer says; the counts add up, none contains another. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  /** Of both lifetimes together. */
  readonly cacheWriteTokens: number;
  /** The part of `cacheWriteTokens` that lives an hour. */
  readonly cacheWrite1hTokens: number;
  readonly webSearches: number;
  readonly fast: boolean;
  readonly usOnly: boolean;
}

/** `exact` false: the model is not in the table and was priced as the newest of its family. */
export interface FoundPrice {
  readonly price: Price;
  readonly fast: Price;
  readonly exact: boolean;
}

/** The price of a model under any of its names: dated (`-20260601`), with a context suffix (`[1m]`), or a cloud's. */
export function findPrice(model: string): FoundPrice {
  const name = model.toLowerCase();
  const known = byLength.find(([id]) => {
    const at = name.indexOf(id);
    // What follows must not be another version number: claude-opus-5-9 is no claude-opus-5.
    return at >= 0 && !/^-\d{1,2}(?!\d)/.test(name.slice(at + id.length));
  });
  if (known !== undefined) return { price: known[1], fast: known[2] ?? known[1], exact: true };
  const family = families.find((candidate) => name.includes(candidate)) ?? "opus";
  const newest = models.find(([id]) => id.includes(family));
  const price = newest?.[1] ?? opus5;
  return { price, fast: newest?.[2] ?? price, exact: false };
}

/** What a request costs at list price. */
export function costUsd(model: string, usage: Usage): { usd: number; exact: boolean } {
  const found = findPrice(model);
  const base = usage.fast ? found.fast : found.price;
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const long = base.longPrompt;
  const price = long !== undefined && prompt > long.aboveTokens ? long : base;
  const oneHour = Math.min(usage.cacheWrite1hTokens, usage.cacheWriteTokens);
  const tokens =
    usage.inputTokens * price.input +
    usage.outputTokens * price.output +
    usage.cacheReadTokens * price.cacheRead +
    oneHour * price.cacheWrite1h +
    (usage.cacheWriteTokens - oneHour) * price.cacheWrite5m;
  const usd = (tokens / 1e6) * (usage.usOnly ? usOnlyFactor : 1) + usage.webSearches * usdPerWebSearch;
  return { usd: Math.round(usd * 1e6) / 1e6, exact: found.exact };
}
