import { type AuditAction, auditActions } from "@remote-claude/protocol";
import { formatBytes, formatUsd } from "../../lib/format.ts";

/** What of a row its words are made of. */
export interface Told {
  readonly action: string;
  readonly result: string;
  readonly target: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The catalogue's sentence for an action; an action that this page does not know yet speaks for itself. */
export const sentenceOf = (action: string): string => auditActions[action as AuditAction] ?? action;

/** The same as a heading: "A session stopped" of "A session stopped; the details say why." */
export const wordsOf = (action: string): string =>
  (sentenceOf(action).split(";")[0] ?? "").replace(/\.$/, "");

const text = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : null;
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

const decisions: Readonly<Record<string, string>> = {
  allow: "allowed",
  "allow-for-session": "allowed for the session",
  "allow-always": "always allowed",
  deny: "denied",
  withdrawn: "not answered before the turn ended",
};

const together = (...parts: readonly (string | null)[]): string | null =>
  parts.filter((part) => part !== null).join(" · ") || null;

const path = ({ target, details }: Told) => target ?? text(details.path) ?? text(details.name);
const why = ({ details }: Told) => text(details.reason);

/** Actions whose subject is more than their target. */
const subjects: Readonly<Record<string, (row: Told) => string | null>> = {
  "sign-in.succeeded": ({ target, details }) => together(target, text(details.method)),
  "sign-in.failed": (row) => together(row.target, text(row.details.method), why(row)),
  "command.executed": ({ target, details }) => text(details.command) ?? target,
  "claude.prompted": ({ details }) => text(details.text),
  "claude.permission-answered": ({ target, details }) => {
    const decision = text(details.decision) ?? target;
    return together(
      text(details.toolName),
      decision && (decisions[decision] ?? decision),
      text(details.message),
    );
  },
  "claude.turn-ended": ({ target, details }) => {
    const cost = number(details.costUsd);
    return together(target, cost === null ? null : formatUsd(cost));
  },
  "file.moved": ({ target, details }) => {
    const [from, to] = [text(details.from), text(details.to)];
    return from === null || to === null ? target : `${from} → ${to}`;
  },
  "git.committed": ({ target, details }) => text(details.message) ?? target,
  "egress.allowed": ({ target, details }) => {
    const [sent, received] = [number(details.bytesSent), number(details.bytesReceived)];
    return together(
      target,
      sent === null || received === null ? null : `${formatBytes(sent)} out, ${formatBytes(received)} in`,
    );
  },
  "egress.refused": (row) => {
    const more = number(row.details.more);
    return together(row.target, more === null ? null : `${more} more`, why(row));
  },
  "model.requested": ({ target, details }) => text(details.model) ?? target,
  "model.refused": (row) => together(text(row.details.model) ?? row.target, why(row)),
  "session.stopped": (row) => together(row.target, why(row)),
  "session.failed": (row) => together(row.target, why(row)),
};

/** What it was done to, in a line; null where there is nothing to say. */
export function subjectOf(row: Told): string | null {
  const own = Object.hasOwn(subjects, row.action) ? subjects[row.action] : undefined;
  const said = own === undefined ? path(row) : own(row);
  return (said ?? firstWords(row.details))?.replaceAll(/\s+/g, " ") ?? null;
}

/** Ids say nothing to people. */
const id = /^[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9a-f]{40,}$/;

/** A few of the details, where an action has no subject of its own. */
function firstWords(details: Told["details"]): string | null {
  const said = Object.entries(details).flatMap(([name, value]) => {
    const isShort = typeof value === "number" || typeof value === "boolean" || typeof value === "string";
    return isShort && value !== "" && !id.test(String(value))
      ? [`${name} ${String(value).slice(0, 80)}`]
      : [];
  });
  return said.slice(0, 2).join(" · ") || null;
}

export const resultWords: Readonly<
  Record<string, { label: string; tone: "neutral" | "warning" | "destructive" }>
> = {
  success: { label: "Done", tone: "neutral" },
  refused: { label: "Refused", tone: "warning" },
  failed: { label: "Failed", tone: "destructive" },
};

export const resultOf = (result: string) =>
  resultWords[result] ?? { label: result, tone: "neutral" as const };
