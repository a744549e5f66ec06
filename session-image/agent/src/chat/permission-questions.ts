import type { CanUseTool, PermissionResult, PermissionUpdate } from "@anthropic-ai/claude-agent-sdk";
import { type Actor, AppError, type ChatEventOf, type PermissionDecision } from "@remote-claude/protocol";

type Asked = ChatEventOf<"permission-asked">;
type Answered = ChatEventOf<"permission-answered">;

interface Question {
  readonly asked: Asked;
  /** What "allow for this session" hands back to Claude Code, whose own rule engine then decides. */
  readonly updates: PermissionUpdate[];
  readonly settle: (result: PermissionResult) => void;
}

/** What outlives the process: a mode is kept with the conversation's settings. */
export interface Granted {
  readonly rules: readonly string[];
  readonly directories: readonly string[];
}

/** What a person decided. */
export interface Answer {
  readonly decision: PermissionDecision;
  readonly message?: string | null | undefined;
  /** Of AskUserQuestion: what was chosen, by the question's text. */
  readonly answers?: Readonly<Record<string, string>> | undefined;
  /** What the tool is to do instead. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  readonly by: Actor | null;
}

/** Answers remembered for those who come second. */
const maxRemembered = 200;

/**
 * The questions of one conversation that wait for a person. The first answer counts: it is journalled, then told
 * to Claude Code; everyone after that learns who was first.
 */
export class PermissionQuestions {
  readonly #permissionModes: readonly string[];
  readonly #journal: (event: Asked | Answered) => void;
  readonly #onGranted: (granted: Granted) => void;
  readonly #open = new Map<string, Question>();
  readonly #answeredBy = new Map<string, string>();

  constructor(
    permissionModes: readonly string[],
    journal: (event: Asked | Answered) => void,
    onGranted: (granted: Granted) => void,
  ) {
    this.#permissionModes = permissionModes;
    this.#journal = journal;
    this.#onGranted = onGranted;
  }

  get waiting(): boolean {
    return this.#open.size > 0;
  }

  /** Asks, and waits for the answer. Claude Code may take the question back by `options.signal`. */
  ask(turnId: string, ...[toolName, input, options]: Parameters<CanUseTool>): Promise<PermissionResult> {
    const updates = options.suppressAlwaysAllowRule
      ? []
      : (options.suggestions ?? [])
          .filter((update) => update.type !== "setMode" || this.#permissionModes.includes(update.mode))
          .map((update) => ({ ...update, destination: "session" as const }));
    const asked: Asked = {
      kind: "permission-asked",
      turnId,
      requestId: crypto.randomUUID(),
      toolUseId: options.toolUseID,
      toolName,
      input,
      title: options.title ?? null,
      rules: updates.flatMap(rulesOf),
    };
    this.#journal(asked);
    return new Promise((resolve) => {
      this.#open.set(asked.requestId, { asked, updates, settle: resolve });
      options.signal.addEventListener("abort", () => this.#withdraw(asked.requestId), { once: true });
    });
  }

  answer(requestId: string, { decision, message = null, answers, input, by }: Answer): void {
    if (input !== undefined && decision !== "allow")
      throw new AppError("bad_request", "only what is allowed once can be changed");
    const question = this.#open.get(requestId);
    if (question === undefined) {
      const first = this.#answeredBy.get(requestId);
      if (first === undefined) throw new AppError("not_found", "there is no such question");
      throw new AppError("conflict", first);
    }
    const changed = input === undefined ? {} : { input: { ...input } };
    this.#journal({ kind: "permission-answered", requestId, decision, message, ...changed, by });
    this.#close(requestId, by === null ? "it was answered already" : `${by.name} has answered it already`);
    if (decision === "allow-for-session") this.#onGranted(grantedBy(question.updates));
    question.settle(resultOf(question, { decision, message, answers, input }));
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
      this.#journal({
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

function resultOf(question: Question, answer: Omit<Answer, "by">): PermissionResult {
  const { decision, message, answers } = answer;
  const asked = answer.input ?? question.asked.input;
  // AskUserQuestion takes what was chosen as part of its input.
  const input = answers === undefined ? asked : { ...asked, answers };
  if (decision === "deny") {
    const words = message?.trim() ? ` They said: ${message}` : "";
    return {
      behavior: "deny",
      message: `The user does not want this tool use to go ahead; it was not done.${words}`,
      decisionClassification: "user_reject",
    };
  }
  if (decision === "allow") {
    return { behavior: "allow", updatedInput: input, decisionClassification: "user_temporary" };
  }
  return {
    behavior: "allow",
    updatedInput: input,
    updatedPermissions: question.updates,
    decisionClassification: "user_permanent",
  };
}

/** A suggestion in Claude Code's rule syntax, for people to read. */
function rulesOf(update: PermissionUpdate): string[] {
  switch (update.type) {
    case "addRules":
    case "replaceRules":
    case "removeRules":
      return update.rules.map(({ toolName, ruleContent }) =>
        ruleContent === undefined ? toolName : `${toolName}(${ruleContent})`,
      );
    case "setMode":
      return [`mode: ${update.mode}`];
    case "addDirectories":
    case "removeDirectories":
      return update.directories.map((directory) => `directory: ${directory}`);
  }
}

/** The same as Claude Code's settings spell it, where brackets within a rule are escaped. */
function grantedBy(updates: readonly PermissionUpdate[]): Granted {
  return {
    rules: updates.flatMap((update) =>
      update.type === "addRules" && update.behavior === "allow"
        ? update.rules.map(({ toolName, ruleContent }) =>
            ruleContent === undefined ? toolName : `${toolName}(${ruleContent.replace(/[\\()]/g, "\\$&")})`,
          )
        : [],
    ),
    directories: updates.flatMap((update) => (update.type === "addDirectories" ? update.directories : [])),
  };
}
