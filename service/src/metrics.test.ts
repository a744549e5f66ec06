import { expect, it } from "vitest";
import { describeProcess, Metrics, mergeMetrics } from "./metrics.ts";

it("prints counters, timers and what is asked for as Prometheus reads them", async () => {
  const metrics = new Metrics();
  const turns = metrics.counter("turns_total", "Turns by result.");
  turns.add({ result: 'odd "one"\n' });
  turns.add({ result: 'odd "one"\n' }, 2);
  const wait = metrics.timer("wait_seconds", "How long.", [0.1, 1]);
  for (const seconds of [0.05, 0.5, 0.5, 20]) wait.observe({ of: "all" }, seconds);
  metrics.gauge("open", "Open now.", async () => [[{}, 3]]);
  expect((await metrics.text()).split("\n")).toEqual([
    "# HELP turns_total Turns by result.",
    "# TYPE turns_total counter",
    'turns_total{result="odd \\"one\\"\\n"} 3',
    "# HELP wait_seconds How long.",
    "# TYPE wait_seconds histogram",
    'wait_seconds_bucket{of="all",le="0.1"} 1',
    'wait_seconds_bucket{of="all",le="1"} 3',
    'wait_seconds_bucket{of="all",le="+Inf"} 4',
    'wait_seconds_sum{of="all"} 21.05',
    'wait_seconds_count{of="all"} 4',
    "# HELP open Open now.",
    "# TYPE open gauge",
    "open 3",
    "",
  ]);
});

it("leaves out what cannot be told just now, and nothing else", async () => {
  const metrics = new Metrics();
  metrics.gauge("away", "Of a database that is away.", () => Promise.reject(new Error("away")));
  metrics.gauge("broken", "Of what throws.", () => {
    throw new Error("broken");
  });
  metrics.gauge("here", "Still here.", () => [[{}, 1]]);
  const text = await metrics.text();
  expect(text).toContain("\nhere 1\n");
  expect(text).not.toMatch(/^(away|broken)/m);
});

it("does not grow without end when labels do", async () => {
  const metrics = new Metrics();
  const counter = metrics.counter("many_total", "Too many.");
  for (let index = 0; index < 5000; index++) counter.add({ name: String(index) });
  const lines = (await metrics.text()).split("\n");
  expect(lines.length).toBeLessThan(2100);
  expect(lines).toContain("many_total 3000");
});

it("makes one text of several, each family in one piece", async () => {
  const texts = await Promise.all(
    ["api", "egress"].map((service) => {
      const metrics = new Metrics();
      describeProcess(metrics, service);
      return metrics.text();
    }),
  );
  const merged = mergeMetrics(texts);
  expect(merged.match(/^# TYPE remote_claude_process_memory_bytes gauge$/gm)).toHaveLength(1);
  expect(merged).toMatch(
    /^# HELP remote_claude_process_memory_bytes .+\n# TYPE .+\nremote_claude_process_memory_bytes\{service="api"\} \d+\nremote_claude_process_memory_bytes\{service="egress"\} \d+$/m,
  );
});
