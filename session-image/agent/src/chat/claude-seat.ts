import { AppError } from "@remote-claude/protocol";
import type { ClaudeLauncher, Wanted } from "./claude-launcher.ts";
import type { ClaudeListener, ClaudeProcess } from "./claude-process.ts";
import { type ClaudeSettings, steer } from "./claude-settings.ts";

export interface SeatOptions {
  readonly launcher: ClaudeLauncher;
  readonly idleMs: number;
  /** What a new process is started with. */
  readonly wanted: () => Wanted;
  /** A turn runs or a question waits: the process may not be ended. */
  readonly busy: () => boolean;
  readonly listener: ClaudeListener;
}

/** Where a conversation's Claude Code process sits: started when needed, ended when idle, told of new settings. */
export class ClaudeSeat {
  readonly #options: SeatOptions;
  #process: ClaudeProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  /** What the process read at its start is no longer so. */
  #stale = false;
  /** Of Claude Code: commands and agents that run on after a turn. */
  backgroundTasks = 0;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  get process(): ClaudeProcess | undefined {
    return this.#process?.alive ? this.#process : undefined;
  }

  ensure(): ClaudeProcess {
    clearTimeout(this.#idleTimer);
    const wanted = this.#options.wanted();
    if (this.#process?.alive && this.#keeps(this.#process, wanted)) return this.#process;
    // One that does not keep the limits makes room for one that does.
    void this.#process?.close();
    const process = this.#options.launcher.take(wanted);
    const { listener } = this.#options;
    this.#process = process;
    this.#stale = false;
    this.backgroundTasks = 0;
    process.attach({
      // What a process says after it was given up is not heard.
      onMessage: (message) => this.#process === process && listener.onMessage(message),
      canUseTool: listener.canUseTool,
      edits: listener.edits,
      onEnd: (error) => {
        if (this.#process !== process) return;
        this.#process = undefined;
        listener.onEnd(error);
      },
    });
    return process;
  }

  /** Limits are given at the start; work in the background is not ended for new ones. */
  #keeps({ launch }: ClaudeProcess, { steering }: Wanted): boolean {
    const { stepLimit, budgetUsd } = launch.steering;
    const same = stepLimit === steering.stepLimit && budgetUsd === steering.budgetUsd;
    return (same && !this.#stale) || this.backgroundTasks > 0;
  }

  /** Nothing to do: after a while the process ends, and is resumed when it is needed. */
  rest(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.#options.busy() || this.backgroundTasks > 0) this.rest();
      else void this.end();
    }, this.#options.idleMs).unref();
  }

  /** Another process takes its place: at once where this one rests, else before the next turn. */
  renew(): void {
    this.#stale = true;
    if (!this.#options.busy() && this.backgroundTasks === 0) void this.end();
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const process = this.#process;
    this.#process = undefined;
    await process?.close();
  }

  /** Tells a living process of a change of settings. */
  async adjust(before: ClaudeSettings, after: ClaudeSettings): Promise<void> {
    const query = this.process?.query;
    if (query === undefined) return;
    try {
      if (after.model !== before.model) await query.setModel(after.model ?? undefined);
      if (after.permissionMode !== before.permissionMode) await query.setPermissionMode(after.permissionMode);
      await steer(query, before.steering, after.steering);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AppError("bad_request", `Claude Code does not take these settings: ${why}`, { cause: error });
    }
  }
}
