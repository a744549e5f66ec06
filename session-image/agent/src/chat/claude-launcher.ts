import type { ModelInfo } from "@anthropic-ai/claude-agent-sdk";
import {
  AppError,
  defaultSteering,
  Effort,
  type OfferedModel,
  type PermissionMode,
  type Reply,
} from "@remote-claude/protocol";
import type { Logger } from "../lib/log.ts";
import { type ClaudeLaunch, ClaudeProcess } from "./claude-process.ts";
import { steer } from "./claude-settings.ts";
import type { ProcessRegister } from "./process-register.ts";
import type { SessionGrants } from "./session-grants.ts";
import { findTranscript } from "./transcript.ts";

export interface LauncherOptions {
  readonly binary: string | null;
  readonly workspace: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissionModes: readonly string[];
  readonly grants: SessionGrants;
  /** Where Claude Code keeps its transcripts. */
  readonly transcripts: string;
  readonly register: ProcessRegister;
  readonly log: Logger;
  /** How long a spare process waits for a first prompt. */
  readonly spareMs: number;
}

export type Wanted = Pick<
  ClaudeLaunch,
  "model" | "permissionMode" | "steering" | "budgetLeftUsd" | "resume" | "resumeAt"
>;

const answerTimeoutMs = 20_000;
const maxCommands = 1000;

/**
 * Starts Claude Code, and keeps at most one spare: a process that is up before the first prompt of a new
 * conversation. It weighs 200 MB, so it is made only when somebody opens a Claude pane (`chat.offered-models`,
 * `chat.partials`), and ended when no prompt comes for a while; in a place that stands ready for somebody to come
 * (`warmClaude`), from the start, and the while begins when they do.
 */
export class ClaudeLauncher {
  readonly #options: LauncherOptions;
  readonly #running = new Set<ClaudeProcess>();
  #spare: ClaudeProcess | undefined;
  #spareTimer: NodeJS.Timeout | undefined;
  /** How many questions the spare is being asked. */
  #asking = 0;
  #models: Promise<Reply<"chat.offered-models">> | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
    options.grants.tell = () => this.#tellGrants();
  }

  assertAvailable(): void {
    this.#binary();
  }

  /** A process for a conversation: the spare if it fits, else a new one. */
  take(wanted: Wanted): ClaudeProcess {
    const resume = this.#hasTranscript(wanted.resume) ? wanted.resume : null;
    const spare = this.#spare;
    const limited = wanted.steering.stepLimit !== null || wanted.budgetLeftUsd !== null;
    if (resume !== null || limited || !spare?.alive) return this.#start({ ...wanted, resume });
    this.#spare = undefined;
    clearTimeout(this.#spareTimer);
    // These go out before the first prompt does, in order.
    if (wanted.model !== spare.launch.model) this.#settle(spare.query.setModel(wanted.model ?? undefined));
    if (wanted.permissionMode !== spare.launch.permissionMode) {
      this.#settle(spare.query.setPermissionMode(wanted.permissionMode));
    }
    this.#settle(steer(spare.query, spare.launch.steering, wanted.steering));
    return spare;
  }

  warm(): void {
    if (this.#options.binary === null) return;
    this.#keepSpare();
    this.#startSpare();
  }

  /** Has a spare that waits for as long as it takes, until `settle`. */
  warmAhead(): void {
    if (this.#options.binary !== null) this.#startSpare();
  }

  /** Somebody is here: from now on a spare waits for a while. */
  settle(): void {
    if (this.#spare !== undefined) this.#keepSpare();
  }

  /** A spare has read the project's settings, and these become others. */
  forgetSpare(): void {
    if (this.#asking === 0) this.#dropSpare();
  }

  /** Likewise, and it shall be known at once: whoever is asking the old one asks again. */
  renew(): void {
    this.#dropSpare();
  }

  #startSpare(): void {
    if (this.#spare?.alive) return;
    const modes = this.#options.permissionModes;
    const permissionMode = modes.includes("default") ? "default" : (modes[0] as PermissionMode);
    this.#spare = this.#start({
      model: null,
      permissionMode,
      steering: defaultSteering,
      budgetLeftUsd: null,
      resume: null,
      resumeAt: null,
    });
  }

  /** What this Claude Code offers; asked once, of the process given or of the spare. */
  models(running: ClaudeProcess | undefined): Promise<Reply<"chat.offered-models">> {
    this.#binary();
    this.#models ??= this.#askModels(running).catch((error: unknown) => {
      this.#models = undefined;
      throw error;
    });
    return this.#models;
  }

  async stop(): Promise<void> {
    const closed = this.#spare?.close();
    this.#dropSpare();
    await closed;
  }

  async #askModels(running: ClaudeProcess | undefined): Promise<Reply<"chat.offered-models">> {
    const models = await this.ask(running, "which models it offers", (query) => query.supportedModels());
    return { models: models.map(offered) };
  }

  /** The slash commands of the process given or of the spare. Not kept: they change while Claude works. */
  async commands(running: ClaudeProcess | undefined): Promise<Reply<"chat.commands">> {
    this.#binary();
    const commands = await this.ask(running, "which commands it knows", (query) => query.supportedCommands());
    return {
      commands: commands.slice(0, maxCommands).map(({ name, description, argumentHint }) => ({
        name: name.slice(0, 200),
        description: (description ?? "").slice(0, 1000),
        argumentHint: (argumentHint ?? "").slice(0, 200),
      })),
    };
  }

  /** Asks the process given or the spare; `what` is for the sentence when there is no answer. */
  async ask<T>(
    running: ClaudeProcess | undefined,
    what: string,
    ask: (query: ClaudeProcess["query"]) => Promise<T>,
  ): Promise<T> {
    if (running === undefined) this.warm();
    const process = running ?? this.#spare;
    if (process === undefined) throw new AppError("unavailable", "Claude Code did not start");
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("no answer")), answerTimeoutMs).unref();
    });
    this.#asking += 1;
    return Promise.race([ask(process.query), late])
      .catch((cause: unknown) => {
        if (cause instanceof AppError) throw cause;
        throw new AppError("unavailable", `Claude Code did not say ${what}`, { cause });
      })
      .finally(() => {
        this.#asking -= 1;
      });
  }

  #start(wanted: Wanted): ClaudeProcess {
    const { workspace, environment, permissionModes } = this.#options;
    const { rules, directories } = this.#options.grants.value;
    const { register } = this.#options;
    const surroundings = { binary: this.#binary(), workspace, environment, permissionModes, directories };
    const process = new ClaudeProcess({ ...surroundings, ...wanted }, register);
    this.#running.add(process);
    // Not as an option: a process that starts without thinking does not take it up again.
    if (!wanted.steering.thinking) this.#settle(process.query.setMaxThinkingTokens(0));
    // Nor these: what it starts with is not taken back from it later.
    if (rules.length > 0) this.#settle(process.grant({ rules, directories }));
    return process;
  }

  /** Tells every process what is allowed for the session now. One that does not hear it only asks once more. */
  async #tellGrants(): Promise<void> {
    const { grants, log } = this.#options;
    for (const process of this.#running) if (!process.alive) this.#running.delete(process);
    const told = [...this.#running].map((process) => process.grant(grants.value));
    for (const result of await Promise.allSettled(told))
      if (result.status === "rejected")
        log.warn({ err: result.reason }, "the session's rules were not taken");
  }

  /** What a process is told before its first prompt: it goes out in order. */
  #settle(told: Promise<void>): void {
    told.catch((err: unknown) => this.#options.log.warn({ err }, "a new process did not take its settings"));
  }

  #binary(): string {
    const { binary } = this.#options;
    if (binary === null) throw new AppError("unavailable", "this session has no Claude Code");
    return binary;
  }

  /** The spare waits for a while from now on; longer if it is being asked for its models. */
  #keepSpare(): void {
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => {
      if (this.#asking > 0) this.#keepSpare();
      else this.#dropSpare();
    }, this.#options.spareMs).unref();
  }

  #dropSpare(): void {
    clearTimeout(this.#spareTimer);
    void this.#spare?.close();
    this.#spare = undefined;
  }

  /** A conversation whose first turn never came to its transcript cannot be resumed, and begins anew. */
  #hasTranscript(session: string | null): boolean {
    return session !== null && findTranscript(this.#options.transcripts, session) !== undefined;
  }
}

function offered(model: ModelInfo): OfferedModel {
  const { value, displayName, description, resolvedModel = null, supportedEffortLevels = [] } = model;
  // Reported, and not among the types.
  const { supportsThinkingOff = true } = model as { supportsThinkingOff?: boolean };
  return {
    value,
    displayName,
    description,
    resolved: resolvedModel,
    efforts: supportedEffortLevels.filter((level) => Effort.safeParse(level).success),
    thinkingCanBeOff: supportsThinkingOff,
  };
}
