import { type Counter, describeProcess, Metrics, type Timer } from "@remote-claude/service/metrics";
import type { EgressAudit } from "./audit.ts";

const addedSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** What egress counts: by door and verdict, of nobody in particular. */
export interface EgressMetrics {
  readonly all: Metrics;
  readonly decisions: Counter;
  readonly modelRequests: Counter;
  readonly bytes: Counter;
  /** From a request's arrival to its being sent on: what we ourselves add before the model can begin. */
  readonly modelAdded: Timer;
  /** From being sent on to the first byte of the answer: what the endpoint takes. */
  readonly modelFirstByte: Timer;
}

export function createEgressMetrics(): EgressMetrics {
  const all = new Metrics();
  describeProcess(all, "egress");
  return {
    all,
    decisions: all.counter(
      "remote_claude_egress_decisions_total",
      "What sessions wanted to reach, by verdict.",
    ),
    modelRequests: all.counter(
      "remote_claude_egress_model_requests_total",
      "Requests to models, by what was answered: the status, or why it was refused.",
    ),
    bytes: all.counter("remote_claude_egress_bytes_total", "What went through, models left out."),
    modelAdded: all.timer(
      "remote_claude_egress_model_added_seconds",
      "From a model request's arrival to its being sent on.",
      addedSeconds,
    ),
    modelFirstByte: all.timer(
      "remote_claude_egress_model_first_byte_seconds",
      "From a model request's being sent on to the answer's beginning.",
    ),
  };
}

/** Counts what is put on record. */
export function countDecisions(audit: EgressAudit, metrics: EgressMetrics): EgressAudit {
  return {
    ...audit,
    allowed(decision) {
      metrics.decisions.add({ door: decision.door, verdict: "allowed" });
      audit.allowed(decision);
    },
    ended(decision, bytes) {
      metrics.bytes.add({ door: decision.door, direction: "sent" }, bytes.sent);
      metrics.bytes.add({ door: decision.door, direction: "received" }, bytes.received);
      audit.ended(decision, bytes);
    },
    refused(decision, reason) {
      metrics.decisions.add({ door: decision.door, verdict: reason });
      audit.refused(decision, reason);
    },
    modelRequested(decision, status) {
      metrics.modelRequests.add({ result: String(status) });
      audit.modelRequested(decision, status);
    },
    modelRefused(decision, reason) {
      metrics.modelRequests.add({ result: reason });
      audit.modelRefused(decision, reason);
    },
  };
}
