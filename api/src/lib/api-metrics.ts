import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ErrorCode } from "@remote-claude/protocol";
import { type Counter, describeProcess, Metrics, type Timer } from "@remote-claude/service/metrics";

/** What this api counts as it happens; what can be asked for is added in system/metrics.ts. */
export interface ApiMetrics {
  readonly all: Metrics;
  /** Requests by group of routes, method and kind of status. */
  readonly requests: Timer;
  /** Every refusal and failure that somebody was answered, by code and by door: http or socket. */
  readonly errors: Counter;
  /** From a command to its agent to the reply, by the command's area. */
  readonly agentRoundTrip: Timer;
  /** From the beginning of a turn to its first words. */
  readonly firstToken: Timer;
  /** Turns that ended, once each, by whoever recorded them. */
  readonly turns: Counter;
}

export function createApiMetrics(): ApiMetrics {
  const all = new Metrics();
  describeProcess(all, "api");
  const eventLoopDelay = monitorEventLoopDelay({ resolution: 20 });
  eventLoopDelay.enable();
  all.gauge(
    "remote_claude_event_loop_delay_p99_seconds",
    "How late the api's own work comes, since its start.",
    () => [[{}, eventLoopDelay.percentile(99) / 1e9]],
  );
  return {
    all,
    requests: all.timer(
      "remote_claude_http_request_duration_seconds",
      "Requests to the api, by the path of their routes without its parameters.",
    ),
    errors: all.counter("remote_claude_errors_total", "Refusals and failures that were answered, by code."),
    agentRoundTrip: all.timer(
      "remote_claude_agent_round_trip_seconds",
      "From a command to an agent to its reply; command lines, which take what they take, left out.",
    ),
    firstToken: all.timer(
      "remote_claude_first_token_seconds",
      "From the beginning of a turn to the first words of Claude.",
    ),
    turns: all.counter("remote_claude_turns_total", "Turns of Claude that ended, by result."),
  };
}

export function countError(metrics: ApiMetrics, door: "http" | "socket", code: ErrorCode): void {
  metrics.errors.add({ door, code });
}
