import type { Metrics, Sample } from "@remote-claude/service/metrics";
import type { Context } from "../context.ts";

/** A session may ask for models of any name: those that cost the most have a series each, the others share one. */
const maxModels = 40;

interface ModelTotals {
  readonly model: string;
  readonly requests: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly costUsd: number;
}

/** What was asked of the models since the installation began, as egress metered it. */
export function describeUsage(all: Metrics, context: Context): void {
  let reading: Promise<ModelTotals[]> | null = null;
  /** One reading serves the families of one scrape, which ask in the same moment. */
  const totals = () => {
    reading ??= readTotals(context).finally(() => {
      reading = null;
    });
    return reading;
  };
  const each = async (samples: (of: ModelTotals) => readonly Sample[]) => (await totals()).flatMap(samples);
  all.total("remote_claude_model_requests_total", "Requests to models.", () =>
    each(({ model, requests }) => [[{ model }, requests]]),
  );
  all.total("remote_claude_model_tokens_total", "Tokens by model and kind.", () =>
    each(({ model, input, output, cacheRead, cacheWrite }) => [
      [{ model, kind: "input" }, input],
      [{ model, kind: "output" }, output],
      [{ model, kind: "cache-read" }, cacheRead],
      [{ model, kind: "cache-write" }, cacheWrite],
    ]),
  );
  all.total("remote_claude_model_cost_usd_total", "Cost by model, in US dollars.", () =>
    each(({ model, costUsd }) => [[{ model }, costUsd]]),
  );
}

function readTotals({ db }: Context): Promise<ModelTotals[]> {
  return db.$queryRaw<ModelTotals[]>`
    with totals as (
      select model, sum(requests) as requests, sum(input_tokens) as input, sum(output_tokens) as output,
        sum(cache_read_tokens) as cache_read, sum(cache_write_tokens) as cache_write, sum(cost_usd) as cost,
        row_number() over (order by sum(cost_usd) desc, sum(requests) desc) as place
      from usage_days group by model
    )
    select case when place <= ${maxModels} then left(model, 100) else 'other' end as model,
      sum(requests)::float8 as requests, sum(input)::float8 as input, sum(output)::float8 as output,
      sum(cache_read)::float8 as "cacheRead", sum(cache_write)::float8 as "cacheWrite",
      sum(cost)::float8 as "costUsd"
    from totals group by 1`;
}
