import type { CanUseTool, PermissionResult, PermissionUpdate } from "@anthropic-ai/claude-agent-sdk";
import { type Actor, AppError, type ChatEventOf } from "@remote-claude/protocol";
import {
  checkDecision,
  type Decision,
  describeUpdate,
  grantedBy,
  resultOf,
  sessionUpdates,
  suggestedRules,
} from "./permission-results.ts";
import type { SessionGrants } from "./session-grants.ts";

type Asked = ChatEventOf<"permission-asked">;
type Answered = ChatEventOf<"permission-answered">;

interface Question {
  readonly asked: Asked;
  /** What "allow for this session" hands back to Claude Code, whose own rule engine then decides. */
  readonly updates: PermissionUpdate[];
  readonly settle: (result: PermissionResult) => void;
}

export interface Answer extends Decision {
  readonly by: Actor | null;
}

export interface QuestionsAround {
  readonly permissionModes: readonly string[];
  readonly workspace: string;
  readonly grants: SessionGrants;
  readonly journal: (event: Asked | Answered) => void;
}

/** Answers remembered for those who come second. */
const maxRemembered = 200;

/**
 * The questions of one conversation that wait for a person. The first answer counts: it is journalled, then told
 * to Claude Code; everyone after that learns who was first.
 */
export class PermissionQuestions {
  readonly #around: QuestionsAround;
  readonly #open = new Map<string, Question>();
  readonly #answeredBy = new Map<string, string>();

  constructor(around: QuestionsAround) {
    this.#around = around;
  }

  get waiting(): boolean {
    return this.#open.size > 0;
  }

  /** Asks, and waits for the answer. Claude Code may take the question back by `options.signal`. */
  ask(turnId: string, ...[toolName, input, options]: Parameters<CanUseTool>): Promise<PermissionResult> {
    const { permissionModes, workspace } = this.#around;
    const updates = sessionUpdates(options, permissionModes);
    const asked: Asked = {
      kind: "permission-asked",
      turnId,
      requestId: crypto.randomUUID(),
      toolUseId: options.toolUseID,
      toolName,
      input,
      title: options.title ?? null,
      rules: updates.flatMap(describeUpdate),
      suggested: suggestedRules(toolName, input, options, workspace),
      ...(options.decisionReason ? { reason: options.decisionReason } : {}),
      ...(options.defaultToNo ? { careful: true } : {}),
    };
    this.#around.journal(asked);
    return new Promise((resolve) => {
      this.#open.set(asked.requestId, { asked, updates, settle: resolve });
      options.signal.addEventListener("abort", () => this.#withdraw(asked.requestId), { once: true });
    });
  }

  answer(requestId: string, { by, ...given }: Answer): void {
    const question = this.#open.get(requestId);
    if (question === undefined) {
      const first = this.#answeredBy.get(requestId);
      if (first === undefined) throw new AppError("not_found", "there is no such question");
      throw new AppError("conflict", first);
    }
    const asked = { ...question.asked, updates: question.updates };
    const mode = checkDecision(asked, given, this.#around.permissionModes);
    const decision = { ...given, mode };
    const granted = grantedBy(asked, decision);
    const rules = decision.rules ?? granted.rules;
    this.#around.journal({
      kind: "permission-answered",
      requestId,
      decision: given.decision,
      message: given.message ?? null,
      ...(given.input === undefined ? {} : { input: { ...given.input } }),
      ...(rules.length === 0 ? {} : { rules: [...rules], scope: given.scope ?? "session" }),
      ...(mode === undefined ? {} : { mode }),
      ...(given.stop ? { stop: true } : {}),
      by,
    });
    this.#close(requestId, by === null ? "it was answered already" : `${by.name} has answered it already`);
    const settle = () => question.settle(resultOf(asked, decision));
    if (granted.rules.length + granted.directories.length === 0) settle();
    // First the rules, so that the next call of the same kind meets them.
    else void this.#around.grants.add(granted).then(settle);
  }

  /** Takes every open question back: the turn was stopped, or Claude Code is gone. */
  withdrawAll(): void {
    for (const requestId of [...this.#open.keys()]) this.#withdraw(requestId);
  }

  /** Whom to name to those who answer a question that was settled before the agent started. */
  remember(requestId: string, by: Actor | null): void {
    this.#close(requestId, by === null ? "the question was withdrawn" : `${by.name} has answered it already`);
  }

  #withdraw(requestId: string): void {
    const question = this.#open.get(requestId);
    if (question === undefined) return;
    this.#close(requestId, "the question was withdrawn: the turn was stopped");
    try {
      this.#around.journal({
        kind: "permission-answered",
        requestId,
        decision: "withdrawn",
        message: null,
        by: null,
      });
    } finally {
      question.settle({
        behavior: "deny",
        message: "The turn was stopped before anyone answered.",
        interrupt: true,
      });
    }
  }

  #close(requestId: string, why: string): void {
    this.#open.delete(requestId);
    this.#answeredBy.set(requestId, why);
    const [oldest] = this.#answeredBy.keys();
    if (this.#answeredBy.size > maxRemembered && oldest !== undefined) this.#answeredBy.delete(oldest);
  }
}
