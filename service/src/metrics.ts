/** A series' own words, by name. Few values each: a label that follows people, sessions or paths grows without end. */
export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** Counts what happened since this process began. */
export interface Counter {
  add(labels?: Labels, by?: number): void;
}

/** Sorts durations into buckets. */
export interface Timer {
  observe(labels: Labels, seconds: number): void;
}

interface Series {
  readonly labels: string;
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** From what is noticed nowhere to what nobody waits for. */
export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Beyond so many series a family counts the rest under no labels: a mistake must not fill memory and Prometheus. */
const maxSeries = 2000;

const escapeValue = (value: string) =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function write(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(",");
}

const line = (name: string, labels: string, value: number) =>
  `${name}${labels === "" ? "" : `{${labels}}`} ${value}`;

function family(name: string, type: "counter" | "gauge" | "histogram", help: string, lines: string[]) {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}

/** The series of a family, by their labels as they are printed. */
class Table<Value> {
  readonly #values = new Map<string, Value>();
  readonly #create: (labels: string) => Value;

  constructor(create: (labels: string) => Value) {
    this.#create = create;
  }

  of(labels: Labels): Value {
    const written = write(labels);
    const known = this.#values.get(written);
    if (known !== undefined) return known;
    const key = this.#values.size < maxSeries ? written : "";
    const value = this.#values.get(key) ?? this.#create(key);
    this.#values.set(key, value);
    return value;
  }

  values(): Value[] {
    return [...this.#values.values()];
  }
}

/** The numbers of one process, printed as Prometheus reads them. */
export class Metrics {
  readonly #families: (() => string | Promise<string>)[] = [];

  counter(name: string, help: string): Counter {
    const table = new Table((labels) => ({ labels, count: 0 }));
    this.#families.push(() =>
      family(
        name,
        "counter",
        help,
        table.values().map(({ labels, count }) => line(name, labels, count)),
      ),
    );
    return {
      add(labels = {}, by = 1) {
        table.of(labels).count += by;
      },
    };
  }

  timer(name: string, help: string, limits: readonly number[] = secondsBuckets): Timer {
    const table = new Table<Series>((labels) => ({ labels, count: 0, sum: 0, buckets: limits.map(() => 0) }));
    this.#families.push(() =>
      family(
        name,
        "histogram",
        help,
        table.values().flatMap((series) => histogramLines(name, limits, series)),
      ),
    );
    return {
      observe(labels, seconds) {
        const series = table.of(labels);
        series.count += 1;
        series.sum += seconds;
        const bucket = limits.findIndex((limit) => seconds <= limit);
        if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
      },
    };
  }

  /** Asked for when somebody reads; what cannot be told then is left out. */
  gauge(name: string, help: string, read: () => readonly Sample[] | Promise<readonly Sample[]>): void {
    this.#ask(name, "gauge", help, read);
  }

  /** The same for what only grows, but is counted elsewhere. */
  total(name: string, help: string, read: () => readonly Sample[] | Promise<readonly Sample[]>): void {
    this.#ask(name, "counter", help, read);
  }

  #ask(
    name: string,
    type: "counter" | "gauge",
    help: string,
    read: () => readonly Sample[] | Promise<readonly Sample[]>,
  ): void {
    this.#families.push(async () => {
      const samples = await Promise.resolve()
        .then(read)
        .catch(() => []);
      return family(
        name,
        type,
        help,
        samples.map(([labels, value]) => line(name, write(labels), value)),
      );
    });
  }

  async text(): Promise<string> {
    return `${(await Promise.all(this.#families.map((print) => print()))).join("\n")}\n`;
  }
}

function histogramLines(name: string, limits: readonly number[], series: Series): string[] {
  const { labels, count, sum, buckets } = series;
  const prefix = labels === "" ? "" : `${labels},`;
  let upTo = 0;
  const lines = limits.map((limit, index) => {
    upTo += buckets[index] ?? 0;
    return `${name}_bucket{${prefix}le="${limit}"} ${upTo}`;
  });
  lines.push(`${name}_bucket{${prefix}le="+Inf"} ${count}`);
  return [...lines, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count)];
}

/** What every process of ours tells of itself. */
export function describeProcess(metrics: Metrics, service: string): void {
  const own = (value: number): readonly Sample[] => [[{ service }, value]];
  metrics.gauge("remote_claude_process_memory_bytes", "Resident memory of a service.", () =>
    own(process.memoryUsage.rss()),
  );
  metrics.total("remote_claude_process_cpu_seconds_total", "Processor time of a service.", () => {
    const { user, system } = process.cpuUsage();
    return own((user + system) / 1e6);
  });
  metrics.gauge("remote_claude_process_started_seconds", "When a service began, in Unix time.", () =>
    own(Math.round(Date.now() / 1000 - process.uptime())),
  );
}

/** Several services' texts as one: Prometheus wants each family in one piece. */
export function mergeMetrics(texts: readonly string[]): string {
  const families = new Map<string, { head: string[]; lines: string[] }>();
  for (const text of texts) {
    let current: { head: string[]; lines: string[] } | undefined;
    for (const one of text.split("\n")) {
      if (one === "") continue;
      const [, kind, name = ""] = /^# (HELP|TYPE) (\S+)/.exec(one) ?? [];
      if (kind === undefined) {
        current?.lines.push(one);
        continue;
      }
      const known = families.get(name);
      if (known === undefined) {
        current = { head: [one], lines: [] };
        families.set(name, current);
      } else {
        current = known;
        if (!known.head.includes(one) && known.head.length < 2) known.head.push(one);
      }
    }
  }
  return `${[...families.values()].flatMap(({ head, lines }) => [...head, ...lines]).join("\n")}\n`;
}
