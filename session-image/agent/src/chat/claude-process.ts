import { type ChildProcess, spawn } from "node:child_process";
import type { CanUseTool, Options, Query, SDKMessage, SDKUserMessage } from "@anthropic-ai/claude-agent-sdk";
import type { PermissionMode, Steering } from "@remote-claude/protocol";
import { agentSdk } from "../lib/agent-sdk.ts";
import { type ConversationEdits, editHooks } from "./edit-hooks.ts";
import type { ProcessRegister } from "./process-register.ts";
import type { PromptContent } from "./prompt.ts";
import type { Granted } from "./session-grants.ts";

export interface ClaudeLaunch {
  readonly binary: string;
  readonly workspace: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly model: string | null;
  readonly permissionMode: PermissionMode;
  readonly steering: Steering;
  /** What is left of the conversation's budget when the process starts. */
  readonly budgetLeftUsd: number | null;
  /** What the template allows. */
  readonly permissionModes: readonly string[];
  /** Claude Code's session to go on with. */
  readonly resume: string | null;
  /** The entry after which it goes on, in a session of its own: the old one stays whole. null: after the last. */
  readonly resumeAt: string | null;
  /** Outside the workspace, and allowed earlier for the session. */
  readonly directories: readonly string[];
}

export interface ClaudeListener {
  readonly onMessage: (message: SDKMessage) => void;
  readonly canUseTool: CanUseTool;
  readonly edits: ConversationEdits | null;
  /** The process is gone; `error` says why, unless it was closed on purpose. */
  readonly onEnd: (error: Error | undefined) => void;
}

/** What a process may take to end by itself; the SDK itself insists a little earlier. */
const forceAfterMs = 4_000;
/** The last words on stderr that are kept, to say why a process ended. */
const keptStderr = 4000;

/**
 * One Claude Code process in streaming-input mode: it starts at once, and is warm before the first prompt. Its
 * listener can be set later, so that a process may be started before it is known which conversation takes it.
 */
export class ClaudeProcess {
  readonly launch: ClaudeLaunch;
  readonly query: Query;
  readonly #input = new PromptStream();
  readonly #exited = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #listener: ClaudeListener | undefined;
  #ended: { error: Error | undefined } | undefined;
  #closing = false;
  #stderr = "";

  constructor(launch: ClaudeLaunch, register: ProcessRegister) {
    this.launch = launch;
    this.query = agentSdk().query({
      prompt: this.#input,
      options: {
        pathToClaudeCodeExecutable: launch.binary,
        cwd: launch.workspace,
        env: { ...launch.environment, ...ownEnvironment(launch) },
        includePartialMessages: true,
        // What subagents say and think, not only the tools they use.
        forwardSubagentText: true,
        enableFileCheckpointing: true,
        settingSources: ["user", "project", "local"],
        systemPrompt: { type: "preset", preset: "claude_code" },
        // The session's only way out is egress: asking claude.ai first whether a host may be fetched would fail.
        settings: { skipWebFetchPreflight: true },
        additionalDirectories: [...launch.directories],
        permissionMode: launch.permissionMode,
        ...(mayBypass(launch) ? { allowDangerouslySkipPermissions: true } : {}),
        // Above every file of the workspace and the home: none of them can choose what the template does not allow.
        managedSettings: { permissions: forbiddenModes(launch) },
        ...(launch.model === null ? {} : { model: launch.model }),
        ...(launch.resume === null ? {} : resuming(launch.resume, launch.resumeAt)),
        hooks: editHooks(() => this.#listener?.edits),
        ...steeringOptions(launch),
        canUseTool: (...asked) =>
          this.#listener?.canUseTool(...asked) ??
          Promise.resolve({ behavior: "deny", message: "Nobody is there to be asked." }),
        // As the SDK would start it, but known by its number.
        spawnClaudeCodeProcess: ({ command, args, cwd, env, signal }) => {
          const child = spawn(command, args, { cwd, env, signal, stdio: "pipe" });
          this.#child = child;
          child.once("close", () => this.#exited.resolve());
          const { pid } = child;
          if (pid !== undefined) {
            register.add(pid);
            child.once("exit", () => register.remove(pid));
          }
          child.stderr.on("data", (data: Buffer) => {
            this.#stderr = (this.#stderr + data.toString()).slice(-keptStderr);
          });
          return child;
        },
      },
    });
    void this.#listen();
  }

  get alive(): boolean {
    return this.#ended === undefined && !this.#closing;
  }

  /** Who hears of what it says. Nothing is said before the first prompt. */
  attach(listener: ClaudeListener): void {
    this.#listener = listener;
    if (this.#ended !== undefined) listener.onEnd(this.#ended.error);
  }

  /** Tells it what is allowed for the session from now on, in place of what it was told before. */
  async grant({ rules, directories }: Granted): Promise<void> {
    if (!this.alive) return;
    await this.query.applyFlagSettings({
      permissions: { allow: [...rules], additionalDirectories: [...directories] },
    });
  }

  /** `messageId` becomes the uuid of the message in Claude Code's transcript: what a rewind goes by. */
  send(messageId: string, content: PromptContent): void {
    this.#input.push({
      type: "user",
      message: { role: "user", content },
      parent_tool_use_id: null,
      uuid: messageId as `${string}-${string}-${string}-${string}-${string}`,
      origin: { kind: "human" },
    });
  }

  /** Ends the process: gracefully, and within seconds by force. Resolves when it is gone. */
  close(): Promise<void> {
    this.#closing = true;
    this.#input.end();
    this.query.close();
    if (this.#child?.pid === undefined) return Promise.resolve();
    const forced = setTimeout(() => this.#child?.kill("SIGKILL"), forceAfterMs);
    return this.#exited.promise.finally(() => clearTimeout(forced));
  }

  async #listen(): Promise<void> {
    let error: Error | undefined;
    try {
      for await (const message of this.query) this.#listener?.onMessage(message);
      if (!this.#closing) error = new Error("Claude Code ended by itself");
    } catch (thrown) {
      error = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    if (error !== undefined && this.#stderr !== "") error.message += `: ${this.#stderr.trim()}`;
    this.#ended = { error: this.#closing ? undefined : error };
    this.#listener?.onEnd(this.#ended.error);
  }
}

function steeringOptions({ steering, budgetLeftUsd }: ClaudeLaunch): Partial<Options> {
  return {
    ...(steering.effort === null ? {} : { effort: steering.effort }),
    ...(steering.stepLimit === null ? {} : { maxTurns: steering.stepLimit }),
    ...(budgetLeftUsd === null ? {} : { maxBudgetUsd: budgetLeftUsd }),
  };
}

function resuming(resume: string, resumeAt: string | null) {
  return resumeAt === null ? { resume } : { resume, resumeSessionAt: resumeAt, forkSession: true };
}

function mayBypass({ permissionModes }: ClaudeLaunch): boolean {
  return permissionModes.includes("bypassPermissions");
}

function forbiddenModes(launch: ClaudeLaunch) {
  return {
    ...(mayBypass(launch) ? {} : { disableBypassPermissionsMode: "disable" as const }),
    ...(launch.permissionModes.includes("auto") ? {} : { disableAutoMode: "disable" as const }),
  };
}

function ownEnvironment(launch: ClaudeLaunch): Record<string, string> {
  return {
    CLAUDE_AGENT_SDK_CLIENT_APP: "remote-claude",
    // Newer models are not offered a to-do list by themselves; people follow the work by it.
    CLAUDE_CODE_ENABLE_TODO_TOOLS: "1",
    // The place is the sandbox: without this, Claude Code refuses to run without questions as root.
    ...(mayBypass(launch) ? { IS_SANDBOX: "1" } : {}),
  };
}

/** Prompts as the SDK wants them: a stream that is written to over time. */
class PromptStream implements AsyncIterable<SDKUserMessage> {
  readonly #waiting: SDKUserMessage[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  push(message: SDKUserMessage): void {
    this.#waiting.push(message);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SDKUserMessage> {
    while (!this.#ended) {
      const message = this.#waiting.shift();
      if (message !== undefined) yield message;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
